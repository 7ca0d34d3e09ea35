"""Files and databases."""

INSTALL = {"pyarrow": "'flowrt[bulk]'"}
