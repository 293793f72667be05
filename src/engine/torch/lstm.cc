#include "engine/torch/lstm.h"

#include <torch/csrc/autograd/custom_function.h>

namespace attestml::engine {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// The four gates of a step lie side by side: in, forget, cell, out.
struct Gates {
  Gates(const Tensor& all, std::int64_t units)
      : in_forget(all.narrow(1, 0, 2 * units)),
        in(all.narrow(1, 0, units)),
        forget(all.narrow(1, units, units)),
        cell(all.narrow(1, 2 * units, units)),
        out(all.narrow(1, 3 * units, units)) {}
  Tensor in_forget, in, forget, cell, out;
};

// Turns the sums in `all` into gates; writes cell, tanh(cell) and state.
void Cell(const Tensor& all, const Tensor& before, Tensor cell, Tensor bent, Tensor state) {
  const Gates g(all, state.size(1));
  g.in_forget.sigmoid_();
  g.cell.tanh_();
  g.out.sigmoid_();
  at::mul_out(cell, g.forget, before);
  cell.addcmul_(g.in, g.cell);
  at::tanh_out(bent, cell);
  at::mul_out(state, g.out, bent);
}

class LstmFunction : public torch::autograd::Function<LstmFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& w_input, const Tensor& w_hidden,
                        const Tensor& b_input, const Tensor& b_hidden) {
    const std::int64_t steps = x.size(0);
    const std::int64_t rows = x.size(1);
    const std::int64_t units = w_hidden.size(1);
    const Tensor gates =
        at::addmm(b_input + b_hidden, x.reshape({steps * rows, x.size(2)}), w_input.t()).view({steps, rows, 4 * units});
    const Tensor states = at::empty({steps, rows, units});
    const Tensor cells = at::empty({steps, rows, units});
    const Tensor bent = at::empty({steps, rows, units});
    Tensor before = at::zeros({rows, units});
    for (std::int64_t t = 0; t < steps; ++t) {
      Tensor all = gates[t];
      if (t > 0) all.addmm_(states[t - 1], w_hidden.t());
      Cell(all, before, cells[t], bent[t], states[t]);
      before = cells[t];
    }
    context->save_for_backward({x, w_input, w_hidden, gates, cells, bent, states});
    return states;
  }

  static variable_list backward(AutogradContext* context, const variable_list& slopes) {
    const auto saved = context->get_saved_variables();
    const Tensor& x = saved[0];
    const Tensor& w_input = saved[1];
    const Tensor& w_hidden = saved[2];
    const Tensor& gates = saved[3];
    const Tensor& cells = saved[4];
    const Tensor& bent = saved[5];
    const Tensor& states = saved[6];
    const std::int64_t steps = x.size(0);
    const std::int64_t rows = x.size(1);
    const std::int64_t units = w_hidden.size(1);
    const Tensor sums = at::empty_like(gates);  // derivatives by what went into the gates
    Tensor state_slope = at::zeros({rows, units});
    Tensor cell_slope = at::zeros({rows, units});
    for (std::int64_t t = steps; t-- > 0;) {
      const Gates g(gates[t], units);
      Gates d(sums[t], units);
      state_slope.add_(slopes[0][t]);
      cell_slope.add_(at::tanh_backward(state_slope * g.out, bent[t]));
      at::sigmoid_backward_out(d.out, state_slope * bent[t], g.out);
      at::sigmoid_backward_out(d.in, cell_slope * g.cell, g.in);
      at::tanh_backward_out(d.cell, cell_slope * g.in, g.cell);
      if (t == 0) {
        d.forget.zero_();
        break;
      }
      at::sigmoid_backward_out(d.forget, cell_slope * cells[t - 1], g.forget);
      cell_slope.mul_(g.forget);
      at::mm_out(state_slope, sums[t], w_hidden);
    }
    const Tensor flat = sums.view({steps * rows, 4 * units});
    const Tensor bias = flat.sum({0});
    const Tensor hidden =
        steps > 1 ? at::mm(flat.slice(0, rows).t(), states.view({steps * rows, units}).slice(0, 0, (steps - 1) * rows))
                  : at::zeros_like(w_hidden);
    return {at::mm(flat, w_input).view_as(x), at::mm(flat.t(), x.reshape({steps * rows, x.size(2)})), hidden, bias,
            bias};
  }
};

}  // namespace

Tensor Lstm(const Tensor& x, const LstmWeights& w) {
  return LstmFunction::apply(x, w.input, w.hidden, w.input_bias, w.hidden_bias);
}

Tensor LstmStepwise(const Tensor& x, const LstmWeights& w) {
  const std::int64_t steps = x.size(0);
  const std::int64_t rows = x.size(1);
  const std::int64_t units = w.hidden.size(1);
  const Tensor bias = w.input_bias + w.hidden_bias;
  const Tensor states = at::empty({steps, rows, units});
  Tensor cell = at::zeros({rows, units});
  const Tensor bent = at::empty({rows, units});
  for (std::int64_t t = 0; t < steps; ++t) {
    Tensor all = at::addmm(bias, x[t], w.input.t());
    if (t > 0) all.addmm_(states[t - 1], w.hidden.t());
    const Tensor next = at::empty({rows, units});
    Cell(all, cell, next, bent, states[t]);
    cell = next;
  }
  return states;
}

}  // namespace attestml::engine
