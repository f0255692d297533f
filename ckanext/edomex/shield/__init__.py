"""Close what CKAN 2.12 shows of unreleased datasets, and harden what it leaves open."""
