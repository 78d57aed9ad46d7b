#include "app/key_host.h"

#include "model/kinds.h"

namespace toolgate::app {

void KeyHost::prepare(Told told) {
  store::Store& store = parts_.keeper.store();
  const auto turned = [told, &store](const store::Key& owner) {
    if (owner.kind == model::kind::token_vault) return told.credentials.provider_changed();
    const auto version = store.version();
    told.publisher.changed(version, {{.version = version, .key = owner}});
  };
  watch_ = std::make_unique<KeyWatch>(
      KeyWatch::Options{.store = &store,
                        .keyring = &parts_.keeper.keyring(),
                        .kms = &client_,
                        .worker = &told.worker,
                        .runner = &told.runner,
                        .every = std::chrono::seconds{parts_.config.kms_check_seconds},
                        .turned = turned});
  runner_ = &told.runner;
}

void KeyHost::start() {
  watch_->start([runner = runner_] { runner->start(); });
}

void KeyHost::stop() { watch_->stop(); }

void KeyHost::changed(const std::vector<store::Change>& changes) { watch_->changed(changes); }

}  // namespace toolgate::app
