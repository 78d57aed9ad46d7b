// Arguments as the pairs of the query protocols.
#include <fmt/format.h>

#include "targets/smithy/write.h"

namespace toolgate::targets::smithy {
namespace {

// "AWS query protocol" and "AWS EC2 query protocol" of the Smithy specification.
class QueryWriter {
 public:
  QueryWriter(Pairs& out, QueryDialect dialect) : out_{out}, dialect_{dialect} {}

  Result<void> structure(const std::string& prefix, const Shape& shape, Node node) {
    Result<void> done;
    node.members([&](Node name, Node each) {
      if (!done || each.is_null()) return;
      const Member* member = shape.find(name.text());
      if (member == nullptr) return;
      const std::string key = name_of(*member);
      done = value(prefix.empty() ? key : prefix + '.' + key, *member, each);
    });
    return done;
  }

 private:
  [[nodiscard]] std::string name_of(const Member& member) const {
    if (dialect_ == QueryDialect::aws) return std::string{xml_name_of(member)};
    if (!member.ec2_name.empty()) return std::string{member.ec2_name};
    std::string name{xml_name_of(member)};
    if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') {
      name[0] = static_cast<char>(name[0] - 'a' + 'A');
    }
    return name;
  }

  Result<void> value(const std::string& key, const Member& member, Node node) {
    const Shape& shape = *member.target;
    if (shape.is_structure()) return structure(key, shape, node);
    if (shape.type == Type::list) return list(key, member, node);
    if (shape.type == Type::map) return map(key, member, node);
    TRY(std::string text, simple_text(member, node, TimeFormat::date_time));
    out_.push_back({key, std::move(text)});
    return {};
  }

  Result<void> list(const std::string& key, const Member& member, Node node) {
    const Member& item = member.target->members[0];
    const bool ec2 = dialect_ == QueryDialect::ec2;
    if (node.count() == 0) {
      if (!ec2) out_.push_back({key, ""});
      return {};
    }
    std::string prefix = key;
    if (!ec2 && !member.flattened) {
      prefix += '.';
      prefix += item.xml_name.empty() ? "member" : item.xml_name;
    }
    Result<void> done;
    std::size_t number = 0;
    node.items([&](Node each) {
      if (!done || each.is_null()) return;
      done = value(fmt::format("{}.{}", prefix, ++number), item, each);
    });
    return done;
  }

  Result<void> map(const std::string& key, const Member& member, Node node) {
    const Member& name = member.target->members[0];
    const Member& item = member.target->members[1];
    const std::string prefix = member.flattened ? key : key + ".entry";
    const std::string_view name_word = name.xml_name.empty() ? "key" : name.xml_name;
    const std::string_view item_word = item.xml_name.empty() ? "value" : item.xml_name;
    Result<void> done;
    std::size_t number = 0;
    node.members([&](Node each_name, Node each) {
      if (!done || each.is_null()) return;
      ++number;
      out_.push_back({fmt::format("{}.{}.{}", prefix, number, name_word), each_name.text()});
      done = value(fmt::format("{}.{}.{}", prefix, number, item_word), item, each);
    });
    return done;
  }

  Pairs& out_;
  QueryDialect dialect_;
};

}  // namespace

Result<void> write_query(Pairs& out, const Shape& input, Node arguments, QueryDialect dialect) {
  return QueryWriter{out, dialect}.structure("", input, arguments);
}

}  // namespace toolgate::targets::smithy
