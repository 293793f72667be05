# CMake generated Testfile for 
# Source directory: /tmp/h2w/src/policy
# Build directory: /tmp/h2w/src/policy
# 
# This file includes the relevant testing commands required for 
# testing this directory and lists subdirectories to be tested as well.
