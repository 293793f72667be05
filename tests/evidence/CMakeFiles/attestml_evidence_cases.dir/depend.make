# Empty dependencies file for attestml_evidence_cases.
# This may be replaced when dependencies are built.
