# CMAKE generated file: DO NOT EDIT!
# Timestamp file for compiler generated dependencies management for evidence_attack_test.
