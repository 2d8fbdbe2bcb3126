/*
 * Memory before there is an allocator: the few hundred pages of the kernel's final page tables.
 * frame_init() sets them aside next to the array of frames, so that a boot gets as far as the tests
 * of an allocator that does not work yet.
 */
#pragma once

/* A cleared page. Panics when more are asked for than frame_init() reckoned. Boot CPU only. */
void *frame_early_page(void);

/* Give what is left of them to the allocator; frame_early_page() must not be called any more. */
void frame_early_done(void);
