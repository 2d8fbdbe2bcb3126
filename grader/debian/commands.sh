# What Debian's programs say: run by init on Trellis and on Linux, from the same disk; compare.sh
# compares the outputs. Each line `t 'COMMANDS'` is a test. Nothing here may depend on time, process
# numbers or luck.
cd /tmp || exit 1
t()
{
	echo "## $*" | tr '\n' ' '
	echo
	eval "$*" 2>&1
	echo "=> $?"
}
t 'ls -la /etc | wc -l'
t 'id; whoami; groups'
t 'uname -s -m'
t 'echo hello | sed s/hello/world/ | awk "{print \$1}"'
t 'seq 1 1000 | sort -rn | head -3'
t 'tar cf x.tar /etc/apt 2>/dev/null; tar tf x.tar | wc -l'
t 'gzip -k x.tar; ls x.tar.gz; gunzip -c x.tar.gz | cmp - x.tar'
t 'mkdir -p a/b/c; touch a/b/c/f; find a | sort; rm -r a'
t 'ln -s /etc/passwd l; readlink l; ls -l l | cut -c1-10'
t 'cp /bin/ls myls; chmod 700 myls; ./myls -d /; stat -c "%a %s %F" myls'
t 'mv myls q; test -e myls; echo $?'
t 'dpkg -l | wc -l'
t 'dpkg -S /bin/bash'
t 'dpkg -s coreutils | head -3'
t 'grep -c . /etc/passwd'
t 'python3 -c "import os,sys,json,re,threading,subprocess; print(json.dumps({\"a\":1})); print(subprocess.check_output([\"echo\",\"x\"]))"'
t 'python3 -c "
import threading
r=[]
ts=[threading.Thread(target=lambda i=i: r.append(i)) for i in range(8)]
[x.start() for x in ts]; [x.join() for x in ts]; print(sorted(r))"'
t 'python3 -c "
import multiprocessing as m
def f(x): return x*x
if __name__==\"__main__\":
    with m.Pool(3) as p: print(p.map(f, range(10)))"'
t 'python3 -c "
import mmap,os
f=open(\"/tmp/m\",\"w+b\"); f.write(b\"a\"*10000); f.flush()
m=mmap.mmap(f.fileno(),0); m[5000]=66; m.flush(); print(open(\"/tmp/m\",\"rb\").read()[4999:5002])"'
t 'python3 -c "
import socket
a,b=socket.socketpair(); a.send(b\"hi\"); print(b.recv(10))"'
t 'python3 -c "
import select,os
r,w=os.pipe(); os.write(w,b\"x\"); e=select.epoll(); e.register(r,1); print(len(e.poll(1)))"'
t 'python3 -c "import tempfile; f=tempfile.NamedTemporaryFile(); f.write(b\"1\"); print(len(f.name)>0)"'
t 'python3 -c "import signal,os,time
signal.signal(signal.SIGALRM, lambda *a: print(\"alarm\"))
signal.setitimer(signal.ITIMER_REAL,0.05); time.sleep(0.2)"'
t 'python3 -c "import ctypes; print(ctypes.CDLL(None).getpid()>0)"'
t 'python3 -c "import sqlite3; c=sqlite3.connect(\"/tmp/db\"); c.execute(\"create table t(a)\"); c.execute(\"insert into t values(5)\"); c.commit(); print(c.execute(\"select * from t\").fetchall())"'
t 'python3 -m timeit -n 10 -r 1 "sum(range(100))" | cut -c1-9'
t 'bash -c "trap \"echo got\" USR1; kill -USR1 \$\$; echo after"'
t '(sleep 0.1; echo bg) & wait; echo done'
t 'yes | head -2'
t 'bash -c "exit 7"'
t 'cat <(echo sub)'
t 'echo $((2**40)); printf "%05d\n" 42'
t 'date -u -d @0'
t 'timeout 0.2 sleep 5'
t 'nice -n 5 nice'
t 'ulimit -n; ulimit -s'
t 'df -T / | tail -1 | awk "{print \$2}"'
t 'du -s /etc/apt | cut -f2'
t 'mktemp -u XXXX | wc -c'
t 'truncate -s 1M big; ls -s big; fallocate -l 64K big2; stat -c %s big2'
t 'dd if=/dev/urandom of=r bs=1k count=10 2>/dev/null; wc -c < r'
t 'od -An -tx1 -N4 /dev/zero'
t 'split -l 100 /etc/services 2>/dev/null; ls x?? 2>/dev/null | wc -l'
t 'mkfifo ff; (echo through > ff &) ; cat ff'
t 'cat /proc/cpuinfo | grep -c processor'
t 'make --version | head -1'
t 'printf "all:\n\techo made\n" > Makefile; make -s'
t 'file /bin/ls | cut -c1-30'
t 'env -i A=1 env'
t 'chroot / /bin/echo chrooted'
t 'mount -t tmpfs none /mnt && touch /mnt/x && ls /mnt; umount /mnt; ls /mnt'
t 'su -s /bin/sh nobody -c "id -un; touch /root/x"'
t 'setpriv --reuid 1000 --clear-groups --regid 1000 id'
t 'perl -e "print 6*7, qq(\n)"'
t 'perl -MPOSIX -e "print POSIX::getpid() > 0, qq(\n)"'
t 'flock /tmp/lk echo locked'
t 'find /usr -name "*.py" | wc -l'
t 'md5sum /usr/lib/x86_64-linux-gnu/libc.so.6 | cut -c1-32'
t 'cat /proc/sys/kernel/hostname /proc/sys/kernel/ostype'
t 'ls /proc/self/fd | wc -l'
t 'vim.tiny --version | head -1 | cut -c1-10'
t 'ldd /bin/ls | wc -l'
t 'LD_SHOW_AUXV=1 /bin/true | cut -d: -f1'
t 'nproc'
t 'taskset -p $$ 2>&1 | cut -c1-3'
t 'sh -c "ulimit -v 100000; python3 -c \"a=bytearray(200000000)\"" 2>&1 | tail -1'
t 'kill -l | head -1'
t 'xargs -n1 -P4 echo < /etc/shells | wc -l'
t 'logger x; ls /nonexistent'
t 'sync; echo synced'
t 'python3 -c "import asyncio
async def m():
    p=await asyncio.create_subprocess_exec(\"echo\",\"async\",stdout=-1); print(await p.stdout.read())
asyncio.run(m())"'
t 'python3 -c "import pty,os; pty.spawn([\"/bin/echo\",\"in a pty\"])"'
t 'script -qc "echo scripted" /dev/null'
t 'python3 -c "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss>1000)"'
t 'mknod n c 1 3; echo x > n; ls -l n | cut -c1-10'
t 'cat /etc/hostname; hostname'
t 'test -r /etc/shadow; echo $?'
t 'python3 -c "import os; print(os.sched_getaffinity(0)); print(os.cpu_count())"'
t 'bash -i -c "echo interactive" 2>/dev/null'
t 'python3 -c "import os; r=os.fork(); print(os.wait() if r else os._exit(3))" | cut -d, -f2'
t 'for i in 1 2 3 4 5 6 7 8 9 10; do (for j in 1 2 3 4 5; do /bin/true; done) & done; wait; echo all'
t 'dd if=/dev/zero of=/root/big bs=1M count=60 2>/dev/null; sync; md5sum /root/big; rm /root/big'
t 'cp -r /usr/lib/python3.11 /root/py; diff -r /usr/lib/python3.11 /root/py && echo same; rm -rf /root/py; ls /root | wc -l'
t 'python3 -c "
import os
for i in range(2000): open(\"/root/f%d\"%i,\"w\").write(str(i))
print(sum(int(open(\"/root/f%d\"%i).read()) for i in range(2000)))
for i in range(2000): os.unlink(\"/root/f%d\"%i)"'
t 'mkdir -p /root/d/e; mv /root/d /root/d2; ls /root/d2; rmdir /root/d2/e /root/d2'
t 'ln /etc/passwd /root/hl; stat -c %h /root/hl; rm /root/hl'
t 'python3 -c "
import time; a=time.monotonic(); time.sleep(0.1); b=time.monotonic(); print(0.09<b-a<0.3)"'
t 'find /proc/1 -maxdepth 1 | wc -l | tr 0-9 n'
t 'getent passwd root; getent hosts localhost'
t 'sort -R /etc/passwd | wc -l; shuf -n2 /etc/passwd | wc -l'
t 'date +%Y'
t 'echo "int main(){}" > x.c; gcc x.c'
t '(bash -c "kill -SEGV \$\$"; echo $?) 2>/dev/null'
t 'tty'
t 'stty -a | grep -o "isig icanon.*echoprt"'
t 'ipcmk -M 1000 | cut -c1-20; ipcs -m | wc -l'
# Linux throws away what the terminal has not sent yet when the session ends.
sleep 1
