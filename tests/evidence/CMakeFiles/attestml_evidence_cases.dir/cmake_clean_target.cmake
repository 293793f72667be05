file(REMOVE_RECURSE
  "libattestml_evidence_cases.a"
)
