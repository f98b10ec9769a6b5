#!/bin/sh
# Runs in the new root, as root, after its packages are installed: the person, what must not start, what would be
# reckoned at each start, and the first program of the machine. What it needs to know is in files of /cua-build.
set -eu
build=/cua-build

useradd --uid 1000 --user-group --create-home --shell /bin/bash --groups sudo --password "$(cat $build/password)" user
for folder in Desktop Documents Downloads Pictures; do install -d -o user -g user "/home/user/$folder"; done
# the display asks nobody who he is, but some programs do not start without this file
install -o user -g user -m 0600 /dev/null /home/user/.Xauthority
chmod 0440 /etc/sudoers.d/user
echo sandbox >/etc/hostname
printf '127.0.0.1 localhost sandbox\n::1 localhost\n' >/etc/hosts
echo 'LANG=C.UTF-8' >/etc/default/locale
: >/etc/fstab
: >/etc/resolv.conf
# each boot makes its own
: >/etc/machine-id
mkdir -p /var/lib/dbus
ln -sf /etc/machine-id /var/lib/dbus/machine-id

# cua.target is all that starts; what systemd would look for beside it takes seconds under software emulation
ln -sf /etc/systemd/system/cua.target /etc/systemd/system/default.target
mkdir -p /etc/systemd/system-generators
for path in /lib/systemd/system-generators/*; do ln -sf /dev/null "/etc/systemd/system-generators/${path##*/}"; done
# a service that somebody starts later asks for what an ordinary boot does first, which would empty /tmp under the display
rm -rf /lib/systemd/system/sysinit.target.wants /etc/systemd/system/sysinit.target.wants

install -d -o user -g user /home/user/.config /home/user/.config/dconf
dconf compile /home/user/.config/dconf/user $build/dconf
chown user:user /home/user/.config/dconf/user

echo /opt/cua-packages >/usr/lib/python3/dist-packages/cua-packages.pth
python3 -m compileall -q -f -j 0 --invalidation-mode unchecked-hash /usr/lib/python3* /opt/cua-packages
# the cache of fonts holds the dates of their folders, and in the image no date is after the recipe's
find /usr /etc /var /home /opt -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
fc-cache -s -f
fc-list >/dev/null # makes what fc-cache leaves out, in the same place

version=$(basename /lib/modules/*)
initrd=$build/initrd
mkdir -p $initrd/modules $initrd/dev $initrd/proc $initrd/root $initrd/bin $build/out
cp /bin/busybox $initrd/bin/busybox
mv /usr/local/lib/cua/init $initrd/init
while read -r module; do modprobe --set-version "$version" --show-depends "$module"; done <$build/modules >$build/needed
awk '$1 == "insmod" && !seen[$2]++ { print $2 }' $build/needed >$build/order
while read -r path; do cp "$path" $initrd/modules/; done <$build/order
sed 's,.*/,,' $build/order >$initrd/modules/order
find $initrd -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
(cd $initrd && find . | LC_ALL=C sort | cpio --quiet --reproducible -o -H newc -R 0:0) >$build/out/initrd
cp "/boot/vmlinuz-$version" $build/out/kernel
rm -rf /boot/* /vmlinuz* /initrd.img*
