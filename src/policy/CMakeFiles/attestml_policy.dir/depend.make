# Empty dependencies file for attestml_policy.
# This may be replaced when dependencies are built.
