#!/bin/sh
# Makes the file system of a root that is done, as root of it. $1 = the root, $2 = the disk to make, $3 = its size.
# The same root gives the same disk: no file keeps a date after $SOURCE_DATE_EPOCH, nor anything that is drawn.
set -eu
# of the machine that it is made on: its devices, and where it takes packages from
find "$1/dev" "$1/etc/apt/sources.list.d" -mindepth 1 -delete
rm -f "$1/etc/apt/sources.list"
id=5e5f7a9e-0000-4000-8000-000000000001
find "$1" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
tar --sort=name --numeric-owner --format=posix --pax-option=delete=atime,delete=ctime -C "$1" -cf - . | sha256sum
export E2FSPROGS_FAKE_TIME="$SOURCE_DATE_EPOCH"
truncate -s "$3" "$2"
mke2fs -q -F -t ext4 -m 0 -L cua -U $id -E "hash_seed=$id,lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0" \
  -d "$1" "$2"
# it copies when files were looked at and unpacked, which programs that keep caches would take for a change
used=$(dumpe2fs -h "$2" 2>/dev/null | awk -F: '/^Inode count/ { all = $2 } /^Free inodes/ { free = $2 } END { print all - free }')
for inode in 2 $(seq 11 "$used"); do
  for field in atime ctime crtime; do echo "sif <$inode> $field @$SOURCE_DATE_EPOCH"; done
done | debugfs -w -f - "$2" >/dev/null 2>&1
rm -rf "$1"
