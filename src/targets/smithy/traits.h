// What the wire needs of a shape's traits, read once when the model is.
#pragma once

#include "targets/smithy/model.h"

namespace toolgate::targets::smithy {

void read_traits(Shape& shape);
void read_traits(Member& member);  // its target is set

// The traits that a recipe keeps: those that decide about bytes on the wire.
[[nodiscard]] bool is_wire_trait(std::string_view id);

}  // namespace toolgate::targets::smithy
