# file solutions/02-usermode/fault.c
# loses 2
# write_fault's answer is not looked at.
s/return error ? error : fault_make_writable/return fault_make_writable/
s/error = a->object->ops->write_fault(/(void)a->object->ops->write_fault(/
