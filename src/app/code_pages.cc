#include "app/code_pages.h"

#include <elf.h>
#include <link.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include <sys/mman.h>

#include "base/file.h"

namespace toolgate::app {
namespace {

constexpr std::size_t status_bytes_max = 65'536;

bool is_traced() {
  const auto status = read_file("/proc/self/status", status_bytes_max);
  return !status || status->find("\nTracerPid:\t0\n") == std::string::npos;
}

// Its code was changed when it was loaded: the pages are not those of the file.
bool is_patched(const dl_phdr_info& module) {
  for (int i = 0; i < module.dlpi_phnum; ++i) {
    if (module.dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    const auto address = module.dlpi_addr + module.dlpi_phdr[i].p_vaddr;
    // The dynamic linker's own table, where it says it lies.
    for (const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(address); entry->d_tag != DT_NULL;
         ++entry) {
      if (entry->d_tag == DT_TEXTREL) return true;
      if (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0) return true;
    }
  }
  return false;
}

int give_back(dl_phdr_info* module, std::size_t, void*) {
  if (is_patched(*module)) return 0;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < module->dlpi_phnum; ++i) {
    const auto& part = module->dlpi_phdr[i];
    // Never what can be written: relocations stand there, and in no file.
    if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0) continue;
    const auto begin = module->dlpi_addr + part.p_vaddr;
    const auto first = begin / page * page;
    const auto end = (begin + part.p_memsz) / page * page;
    if (end > first) ::madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void give_back_code_pages() {
  if (!is_traced()) ::dl_iterate_phdr(give_back, nullptr);
}

}  // namespace toolgate::app
