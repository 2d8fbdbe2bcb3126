/*
 * The two serial ports, for console.c; everybody else uses console.h.
 */
#pragma once

#include "common/types.h"

/* Set up both ports, polled. */
void serial_init(void);
bool serial_present(void);

/*
 * Queue one byte for the first port and send what it takes. False if the queue is full. The
 * caller holds the console's lock (or panics).
 */
bool serial_put(u8 byte);
/* Send what is queued, waiting for the port; gives up when it does not move. Same rule. */
void serial_drain(void);
/* Number of bytes that serial_put() takes without waiting. */
size_t serial_room(void);
/* Let the port raise interrupts from now on. */
void serial_interrupts_on(void);
/* In the interrupt: send more; true if the queue just became less than half full. */
bool serial_send_more(void);
/* A received byte, or -1. No lock. */
int serial_get(void);
/* Does the port want attention still? Its interrupt is edge-triggered, so look before leaving. */
bool serial_irq_pending(void);
