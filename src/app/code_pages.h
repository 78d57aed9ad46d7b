// The pages of the program's own code that are in memory.
#pragma once

namespace toolgate::app {

// Gives back all pages of code and constants, this program's and its libraries': starting touches
// most of them once, and the kernel maps fifteen neighbours beside each. What is needed again is
// mapped again from the page cache when it is touched, which takes less than a microsecond for each
// sixteen pages. Does nothing under a debugger, whose breakpoints are written into such pages.
void give_back_code_pages();

}  // namespace toolgate::app
