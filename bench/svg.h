// A picture as SVG text: the few shapes that charts need, on white, in one font. Coordinates are
// pixels from the upper left corner. Thread safety: none.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace beachdb::bench {

struct Point {
  double x;
  double y;
};

enum class Anchor : unsigned char { kLeft, kMiddle, kRight };  // where in the text the point is

class Svg {
 public:
  Svg(double width, double height);

  void Box(Point corner, double width, double height, std::string_view colour);
  void Stroke(Point from, Point to, std::string_view colour, double width = 1);
  void Path(std::span<const Point> points, std::string_view colour);
  void Dot(Point centre, double radius, std::string_view colour);
  void Ring(Point centre, double radius, std::string_view colour);
  // `middle.y` is the middle of the letters' height. Any text: what XML forbids is escaped.
  void Text(Point middle, std::string_view text, Anchor anchor = Anchor::kLeft, int size = 12,
            std::string_view colour = "#222222");

  std::string Finish() const { return body_ + "</svg>\n"; }

 private:
  std::string body_;
};

// Values to pixels, from `low` at `at_low` to `high` at `at_high`; beyond them it is cut off.
class Scale {
 public:
  enum class Kind : unsigned char { kLinear, kLog };
  // REQUIRES: low < high; and 0 < low for kLog.
  Scale(Kind kind, double low, double high, double at_low, double at_high);
  double At(double value) const;
  double low() const { return low_; }
  double high() const { return high_; }

 private:
  double Position(double value) const;

  const Kind kind_;
  const double low_;
  const double high_;
  const double at_low_;
  const double at_high_;
};

}  // namespace beachdb::bench
