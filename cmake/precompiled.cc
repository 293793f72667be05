// Holds precompiled headers for the targets that share them (AttestmlFolder.cmake).
