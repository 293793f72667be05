find_library(ONEDNN_LIBRARY NAMES dnnl)
find_path(ONEDNN_INCLUDE NAMES dnnl.h)
if(ONEDNN_LIBRARY AND ONEDNN_INCLUDE AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  find_package(OpenMP REQUIRED COMPONENTS CXX)
  add_library(attestml_onednn_kernels STATIC onednn/kernels.cc
    onednn/kernels_baseline.cc onednn/kernels_avx2.cc onednn/kernels_avx512.cc)
  target_link_libraries(attestml_onednn_kernels PUBLIC attestml_engine)
  # One source, three instruction sets, the same bits from the two that have fused multiply-add: nothing may be contracted or
  # reordered. Neither -fno-trapping-math nor -fno-math-errno changes a value; they let loops be vectorised.
  set(exact -O3 -ffp-contract=off -fno-trapping-math -fno-math-errno)
  set_source_files_properties(onednn/kernels_baseline.cc PROPERTIES COMPILE_OPTIONS "${exact};-march=x86-64-v2")
  set_source_files_properties(onednn/kernels_avx2.cc PROPERTIES COMPILE_OPTIONS "${exact};-mavx2;-mfma")
  set_source_files_properties(onednn/kernels_avx512.cc PROPERTIES COMPILE_OPTIONS
    "${exact};-mavx2;-mfma;-mavx512f;-mavx512dq;-mavx512bw;-mavx512vl;-mprefer-vector-width=512")

  attestml_engine_module(onednn SOURCES onednn/onednn_engine.cc onednn/predicting_network.cc onednn/library.cc
    LINK attestml_onednn_kernels ${CMAKE_DL_LIBS} OpenMP::OpenMP_CXX)
  # Two libraries fewer for an enclave to hash. What one module allocates another frees, which is malloc's and free's either
  # way, but not to a sanitizer.
  if(NOT ATTESTML_FUZZ)
    target_link_options(attestml_engine_onednn PRIVATE -static-libstdc++ -static-libgcc)
  endif()
  # Its headers alone: what is trained loads it (library.h).
  target_include_directories(attestml_engine_onednn SYSTEM PRIVATE ${ONEDNN_INCLUDE})
  message(STATUS "Engine onednn: ${ONEDNN_LIBRARY}")
else()
  message(STATUS "Engine onednn: not built, oneDNN is not there")
endif()
