# The first program in a namespace sandbox: a display, a window manager, a session bus and accessibility. Apps are
# started beside it. $1 = screen geometry. All of it ends when standard input closes, which it does when the sandbox's
# owner ends, however it ends and however far we are; a line there says that the sandbox is a lasting one.
exec 3<&0 </dev/null
(read -r stay <&3 || kill -9 -1) &
exec 3<&-
trap "kill -9 -1" EXIT  # all but the first process, which ends after the last
display="$XDG_RUNTIME_DIR/display"
Xvfb "$DISPLAY" -screen 0 "$1" -ac -noreset -nolisten tcp -displayfd 3 3>"$display" >"$XDG_RUNTIME_DIR/xvfb.log" 2>&1 &
dbus-daemon --session --address="$DBUS_SESSION_BUS_ADDRESS" --nopidfile --nosyslog --fork || exit 83
# the server writes its number and the end of the line one after the other; `read` succeeds at the second
until read -r number <"$display"; do
  kill -0 $! || exit 81
  sleep 0.01
done 2>/dev/null
openbox >"$XDG_RUNTIME_DIR/openbox.log" 2>&1 &
/usr/libexec/at-spi-bus-launcher --launch-immediately >"$XDG_RUNTIME_DIR/at-spi.log" 2>&1 &
dbus-send --session --print-reply --dest=org.a11y.Bus /org/a11y/bus org.a11y.Bus.GetAddress \
  >"$XDG_RUNTIME_DIR/at-spi.address" 2>&1 || exit 82
: >"$XDG_RUNTIME_DIR/ready"
exec sleep infinity
