// Compiled to a shared object that holds nothing: cmake/UnusedLibraries.cmake.
