"""The catalogue for machines: DCAT-AP, whole, in a constant order, cheap to poll."""
