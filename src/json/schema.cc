#include "json/schema.h"

#include "json/schema_graph.h"

namespace toolgate::json {

Result<Schema> Schema::compile(std::string_view text, Bounds bounds) {
  TRY(auto graph, graph::compile(text, bounds));
  Schema schema;
  schema.impl_ = std::make_shared<const Impl>(std::move(graph));
  return schema;
}

Result<Schema> Schema::compile(std::string_view text) { return compile(text, Bounds{}); }

std::vector<SchemaError> Schema::check(std::string_view instance) const {
  return graph::check(impl_->graph, instance);
}

const std::vector<std::string>& Schema::unenforced() const { return impl_->graph.unenforced; }

}  // namespace toolgate::json
