// What shapes of a model take from elsewhere: traits of "apply" statements, and mixins (Smithy 2.0,
// "Mixins").
#pragma once

#include "base/result.h"
#include "json/json.h"

namespace toolgate::targets::smithy {

// Puts it all in place, so that each shape says everything itself: members of mixins come first and
// in their order, traits are inherited but for `mixin` and the mixin's `localTraits`, and what the
// shape says itself stands above what it inherits. "apply" statements and mixins are gone then.
// Fails with Code::invalid, naming the shape: a mixin that is not there, is none, or contains
// itself; a member with two targets; more than 300,000 members.
[[nodiscard]] Result<void> complete_shapes(JsonObject& shapes);

}  // namespace toolgate::targets::smithy
