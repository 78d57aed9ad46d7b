// A place in a circular list of things that have it as their base: joining and leaving take no
// memory. A list is a Link of its own, which stands before the first and after the last.
#pragma once

namespace toolgate::net {

// Leave before you die. Not copied or moved: the neighbours point here.
class Link {
 public:
  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Of a list.
  [[nodiscard]] bool empty() const { return next_ == this; }
  [[nodiscard]] Link& first() { return *next_; }

  // Leaves the list it is in, and joins another as its last.
  void join(Link& list) {
    leave();
    next_ = &list;
    previous_ = list.previous_;
    previous_->next_ = this;
    list.previous_ = this;
  }
  // Fine where it is in none.
  void leave() {
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = previous_ = this;
  }
  // An empty list takes over all of another's.
  void take_all(Link& list) {
    if (list.empty()) return;
    join(list);
    list.leave();
  }

 private:
  Link* next_ = this;
  Link* previous_ = this;
};

}  // namespace toolgate::net
