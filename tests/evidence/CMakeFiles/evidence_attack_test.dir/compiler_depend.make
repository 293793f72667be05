# Empty compiler generated dependencies file for evidence_attack_test.
# This may be replaced when dependencies are built.
