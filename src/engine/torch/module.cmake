# libtorch 1.13 (Debian 12) is the floor; newer ones must build too.
if(ATTESTML_TORCH)
  find_package(Torch QUIET)
  if(Torch_FOUND)
    attestml_engine_module(torch SOURCES torch/torch_engine.cc torch/mlp_network.cc torch/graph_network.cc
      torch/forward.cc torch/lstm.cc torch/relu_pool.cc torch/program.cc torch/program_computation.cc
      torch/loss.cc torch/optimizer.cc torch/parameter_block.cc
      LINK attestml_engine ${TORCH_LIBRARIES} ${CMAKE_DL_LIBS})
    if(ATTESTML_PCH STREQUAL "ALL")
      target_precompile_headers(attestml_engine_torch PRIVATE <map> <memory> <string> <vector> <ATen/ATen.h>)
    endif()
    message(STATUS "Engine torch: libtorch ${Torch_VERSION}")
  else()
    message(STATUS "Engine torch: not built, libtorch is not there")
  endif()
endif()
