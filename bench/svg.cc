#include "bench/svg.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace beachdb::bench {
namespace {

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        // Control characters have no place in XML, escaped or not.
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

}  // namespace

Svg::Svg(double width, double height)
    : body_(fmt::format(
          "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
          "viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"sans-serif\">\n",
          width, height)) {
  Box({0, 0}, width, height, "#ffffff");
}

void Svg::Box(Point corner, double width, double height, std::string_view colour) {
  body_ += fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"/>\n",
      corner.x, corner.y, width, height, colour);
}

void Svg::Stroke(Point from, Point to, std::string_view colour, double width) {
  body_ += fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" "
      "stroke-width=\"{:.1f}\"/>\n",
      from.x, from.y, to.x, to.y, colour, width);
}

void Svg::Path(std::span<const Point> points, std::string_view colour) {
  body_ +=
      fmt::format("<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\" points=\"", colour);
  for (const Point& p : points) body_ += fmt::format("{:.1f},{:.1f} ", p.x, p.y);
  body_ += "\"/>\n";
}

void Svg::Dot(Point centre, double radius, std::string_view colour) {
  body_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" fill=\"{}\"/>\n", centre.x,
                       centre.y, radius, colour);
}

void Svg::Ring(Point centre, double radius, std::string_view colour) {
  body_ += fmt::format(
      "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" fill=\"#ffffff\" stroke=\"{}\" "
      "stroke-width=\"1.5\"/>\n",
      centre.x, centre.y, radius, colour);
}

void Svg::Text(Point middle, std::string_view text, Anchor anchor, int size,
               std::string_view colour) {
  const char* side = anchor == Anchor::kLeft     ? "start"
                     : anchor == Anchor::kMiddle ? "middle"
                                                 : "end";
  // Most viewers know no dominant-baseline: the letters are a bit above 0.7 of the size high.
  body_ += fmt::format(
      "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" font-size=\"{}\" fill=\"{}\">{}</text>\n",
      middle.x, middle.y + 0.35 * size, side, size, colour, Escaped(text));
}

Scale::Scale(Kind kind, double low, double high, double at_low, double at_high)
    : kind_(kind), low_(low), high_(high), at_low_(at_low), at_high_(at_high) {}

double Scale::Position(double value) const {
  if (kind_ == Kind::kLinear) return (value - low_) / (high_ - low_);
  return std::log(value / low_) / std::log(high_ / low_);
}

double Scale::At(double value) const {
  const double position = Position(std::clamp(value, low_, high_));
  return at_low_ + position * (at_high_ - at_low_);
}

}  // namespace beachdb::bench
