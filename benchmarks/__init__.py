"""What the product's hot paths cost, measured beside references in the same run."""
