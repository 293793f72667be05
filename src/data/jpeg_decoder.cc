// JPEG (ITU-T T.81) through libjpeg: baseline and progressive, 8 bits, grey or colour.
#include <cstdio>
// jpeglib.h wants size_t and FILE.
#include <jpeglib.h>

#include <csetjmp>

#include "data/image_decoder.h"

namespace attestml::data {
namespace {

// A progressive file may go over the whole image once a few bytes.
constexpr int kMaxScans = 100;

struct State {
  jpeg_error_mgr errors;  // first: libjpeg hands its address back
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

enum class Outcome : unsigned char { kDone, kShape, kType, kBroken, kTrailing };

struct Found {
  unsigned channels = 0;
  unsigned height = 0;
  unsigned width = 0;
  std::size_t trailing = 0;
};

extern "C" {

static void OnJpegError(j_common_ptr jpeg) {
  auto* state = reinterpret_cast<State*>(jpeg->err);
  state->errors.format_message(jpeg, state->message);
  std::longjmp(state->jump, 1);
}

// Level -1 is a warning, data that libjpeg would make up: an error here. Others are traces.
static void OnJpegMessage(j_common_ptr jpeg, int level) {
  if (level < 0) OnJpegError(jpeg);
}

static void OnJpegProgress(j_common_ptr jpeg) {
  if (jpeg->is_decompressor != FALSE && reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > kMaxScans) {
    auto* state = reinterpret_cast<State*>(jpeg->err);
    std::snprintf(state->message, sizeof(state->message), "more than %d scans", kMaxScans);
    std::longjmp(state->jump, 1);
  }
}

}  // extern "C"

// All that is alive in here when libjpeg jumps is plain memory of the caller's.
Outcome Decode(BytesView file, const ImageShape& shape, jpeg_decompress_struct* jpeg, State* state, Found* found,
               std::uint8_t* rows) {
  jpeg->err = jpeg_std_error(&state->errors);
  state->errors.error_exit = OnJpegError;
  state->errors.emit_message = OnJpegMessage;
  jpeg_progress_mgr progress{};
  progress.progress_monitor = OnJpegProgress;
  if (setjmp(state->jump) != 0) {
    jpeg_destroy_decompress(jpeg);
    return Outcome::kBroken;
  }
  jpeg_create_decompress(jpeg);
  jpeg->progress = &progress;
  jpeg_mem_src(jpeg, file.data(), static_cast<unsigned long>(file.size()));
  jpeg_read_header(jpeg, TRUE);
  found->channels = static_cast<unsigned>(jpeg->num_components);
  found->height = jpeg->image_height;
  found->width = jpeg->image_width;
  const bool grey = jpeg->jpeg_color_space == JCS_GRAYSCALE;
  const bool colour = jpeg->jpeg_color_space == JCS_YCbCr || jpeg->jpeg_color_space == JCS_RGB;
  Outcome outcome = Outcome::kDone;
  if (!grey && !colour) {
    outcome = Outcome::kType;
  } else if (found->channels != shape.channels || found->height != shape.height || found->width != shape.width) {
    outcome = Outcome::kShape;
  } else {
    jpeg->out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
    jpeg->dct_method = JDCT_ISLOW;  // whole numbers: the same pixels on every processor
    jpeg_start_decompress(jpeg);
    const std::size_t stride = std::size_t{shape.width} * shape.channels;
    while (jpeg->output_scanline < jpeg->output_height) {
      JSAMPROW row = rows + jpeg->output_scanline * stride;
      jpeg_read_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_decompress(jpeg);
    found->trailing = jpeg->src->bytes_in_buffer;
    if (found->trailing != 0) outcome = Outcome::kTrailing;
  }
  jpeg_destroy_decompress(jpeg);
  return outcome;
}

}  // namespace

Status DecodeJpeg(BytesView file, const ImageShape& shape, std::uint8_t* rows) {
  jpeg_decompress_struct jpeg{};
  State state{};
  Found found;
  switch (Decode(file, shape, &jpeg, &state, &found, rows)) {
    case Outcome::kDone:
      return {};
    case Outcome::kShape:
      return CheckShape(shape, found.channels, found.height, found.width);
    case Outcome::kType:
      return Malformed("image.type", "a JPEG file that is neither grey nor red, green, blue");
    case Outcome::kBroken:
      return Malformed("image.jpeg", state.message);
    case Outcome::kTrailing:
      return Malformed("image.trailing", std::to_string(found.trailing) + " bytes follow the end of a JPEG file");
  }
  return Malformed("image.jpeg", "not decoded");
}

}  // namespace attestml::data
