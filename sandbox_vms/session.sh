# The first program in a namespace sandbox: a display, a window manager, a session bus and accessibility, then the app.
# It runs as $1 = screen geometry; what to start next is read from $XDG_RUNTIME_DIR/start, a line of shell.
dbus-daemon --session --address="$DBUS_SESSION_BUS_ADDRESS" --nopidfile --nosyslog --fork
Xvfb "$DISPLAY" -screen 0 "$1" -ac -noreset -nolisten tcp -displayfd 3 3>"$XDG_RUNTIME_DIR/ready.part" \
  >"$XDG_RUNTIME_DIR/xvfb.log" 2>&1 &
while [ ! -s "$XDG_RUNTIME_DIR/ready.part" ]; do
  kill -0 $! 2>/dev/null || exit 81
  sleep 0.01
done
openbox >"$XDG_RUNTIME_DIR/openbox.log" 2>&1 &
/usr/libexec/at-spi-bus-launcher --launch-immediately >"$XDG_RUNTIME_DIR/at-spi.log" 2>&1 &
dbus-send --session --print-reply --dest=org.a11y.Bus /org/a11y/bus org.a11y.Bus.GetAddress \
  >"$XDG_RUNTIME_DIR/at-spi.address" 2>&1 || exit 82
mv "$XDG_RUNTIME_DIR/ready.part" "$XDG_RUNTIME_DIR/ready"
exec sleep infinity
