"""What is wrong with an installation: the rules, without CKAN, without services, without a clock."""
