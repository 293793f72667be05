file(REMOVE_RECURSE
  "libattestml_policy.a"
)
