// How the calling thread shares its core with the others that want it: Linux's scheduler has a
// niceness and a length of turns for each thread.
#pragma once

namespace toolgate {

// From now on this thread has its core for a tenth of a millisecond at a time, instead of some
// three, when others want it too: it waits less for its turn, and others wait less for theirs. Its
// share of the core and its scheduling policy stay what they are. Linux 6.12 and later; no effect
// elsewhere.
void take_short_turns();

// Takes short turns, and a smaller share of the core when others want it: `niceness` as of nice(1),
// 1 to 19. A thread that is nicer already stays as it is.
void give_way(int niceness);

// Lets whoever waits for this thread's core have a turn now. Without it, a thread that always finds
// work is interrupted at the clock's next tick only, which is up to 4 ms away.
void offer_turn();

}  // namespace toolgate
