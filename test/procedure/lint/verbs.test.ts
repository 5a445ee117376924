import fc from 'fast-check';
import { runsIn } from '../../../src/procedure/lint/runs.ts';
import { unsafeWordIn } from '../../../src/procedure/lint/verbs.ts';

test.each([
  ['"$ATSCALE_HOME"/bin/atscale_stop', 'atscale_stop'],
  ['/opt/x/bin/stop-all.sh now', 'stop-all.sh'],
  ['systemctl restart amp', 'restart'],
  ['systemctl disable amp', 'disable'],
  ['service amp stop', 'stop'],
  ['sudo /etc/init.d/alation restart', 'restart'],
  ['pg_ctl -D "$D" stop -m fast', 'stop'],
  ['control --stop', '--stop'],
  ['alation_action restart_nginx', 'restart_nginx'],
  ['docker rm -f amp', 'rm'],
  ['rm -rf "$HOME_DIR"/x', 'rm'],
  ['cd /x && rm y', 'rm'],
  ['[ -e /x ] || rmdir /y', 'rmdir'],
  ['kill -9 "$(cat pid.txt)"', 'kill'],
  ['pkill -f java', 'pkill'],
  ['killall java', 'killall'],
  ['dd if=/dev/zero of=/dev/sda', 'dd'],
  ['mkfs.ext4 /dev/sdb', 'mkfs.ext4'],
  ['shutdown -h now', 'shutdown'],
  ['reboot', 'reboot'],
  ['init 6', '6'],
  ['psql -c "DROP TABLE x"', 'DROP'],
  ['psql <<E\ntruncate x;\nE', 'truncate'],
  ['redis-cli FLUSHALL', 'FLUSHALL'],
  ['chmod -R go-w /x', 'chmod -R'],
  ['chown --recursive a /x', 'chown -R'],
  ['rpm -e alation', '-e'],
  ['rpm -Uvh x.rpm', '-Uvh'],
  ['dpkg -r alation', '-r'],
  ['dpkg --purge alation', '--purge'],
  ['yum -y remove alation', 'remove'],
  ['apt-get autoremove', 'autoremove'],
  ['curl -X DELETE http://x', 'curl DELETE'],
  ['curl -sXDELETE http://x; curl --request=DELETE y', 'curl DELETE'],
  ['sed -i s/a/b/ /etc/hosts', 'sed -i'],
  ['mv x /etc/hosts', 'mv … /etc/hosts'],
  ['cp -p x /opt/atscale/conf/', 'cp … /opt/atscale/conf/'],
  ['echo x > /etc/motd', '> /etc/motd'],
  ['echo x >"$HOME_DIR"/y', '> $HOME_DIR/y'],
  ['{ echo a; echo b; } > /x/y', '> /x/y'],
  ['echo x | tee /etc/motd', '/etc/motd'],
  ['find /x -name "*.log" -delete', '-delete'],
  ['find /x -exec rm {} ;', 'rm'],
  ['ls | xargs -n 1 rm', 'rm'],
  ['timeout -k 5 10 service x stop', 'stop'],
  ['env A=1 nohup nice -n 5 reboot', 'reboot'],
  ["sh -c 'reboot'", 'reboot'],
  ['su - amp -c "bin/stop"', 'stop'],
  ['ssh -p 22 host service x stop', 'stop'],
  ['sh <<E\nreboot\nE', 'reboot'],
  ["trap 'rm -rf /x' EXIT", 'rm'],
  ['echo "$(rm x)"', 'rm'],
  ['if true; then reboot; fi', 'reboot'],
  ['case $1 in a) reboot;; esac', 'reboot'],
])('%j looks unsafe by %j', (script, word) => {
  expect(unsafeWordIn(script, ['HOME_DIR', 'D'])).toBe(word);
});

test.each([
  ['"$ATSCALE_HOME"/bin/atscale_start'],
  ['echo "please stop and restart it"'],
  ['grep -c restart /var/log/stop.log'],
  ['cat /opt/x/stop.log | sort | uniq'],
  ['systemctl status amp'],
  ['supervisorctl status'],
  ['control --no-restart status'],
  ['start_all --without-stop'],
  ['kill -0 "$PID"'],
  ['kill -s 0 "$PID"'],
  ['command -v pkill'],
  ['T=$(mktemp); echo x > "$T"; sed -i s/x/y/ "$T"; rm -f "$T"'],
  ['T=$(mktemp -d) && trap \'rm -rf "$T"\' EXIT && cp /etc/hosts "$T"/hosts'],
  ['echo x > /dev/null 2>&1; echo y >/tmp/z; ls >&2'],
  ['df -P / >> "$LOG"'],
  ['rpm -q alation; rpm -qi alation; rpm -i x.rpm'],
  ['dpkg --install x.deb; dpkg -l'],
  ['curl -fsS http://localhost/delete'],
  ['psql -c "select stopped from drops"'],
  ['chmod 600 "$X"; chown a "$X"'],
  ['sed -n s/stop/x/p file'],
  ['cp /etc/hosts ./hosts'],
  ['stop() { echo no; }; stop now'],
  ["sh -c 'echo reboot'"],
  ['case $1 in stop|kill) echo no;; esac'],
  ['cat <<E\nrm -rf /\nE'],
  ['# rm -rf /\ntrue'],
  ['echo rm; : kill'],
  ["awk '/stop/ { print }' file"],
  ['find /x -name "*.stop"'],
])('%j looks safe', (script) => {
  expect(unsafeWordIn(script, ['HOME_DIR'])).toBeUndefined();
});

test('programs are seen through those that only run them', () => {
  const runs = runsIn('sudo -u amp env A=1 timeout 5 /opt/bin/x y; command -v z; find . -exec ls {} +');
  expect(runs.map(({ program, args, through }) => [program, args.length, through])).toEqual([
    ['x', 1, ['sudo', 'env', 'timeout']],
    ['command', 2, []],
    ['find', 1, []],
    ['ls', 2, ['find']],
  ]);
});

test('no script whatever makes it throw', () => {
  const words = fc.constantFrom(
    'sh -c ',
    'sudo ',
    'ssh ',
    'trap ',
    'find -exec ',
    'eval ',
    "'",
    '"',
    '$(',
    ')',
    '<<E\n',
    'rm ',
    '-c ',
    '--',
    '> ',
    ';',
    'E\n',
  );
  fc.assert(
    fc.property(
      fc.array(words, { maxLength: 40 }).map((some) => some.join('')),
      (script) => ['string', 'undefined'].includes(typeof unsafeWordIn(script, [])),
    ),
  );
});
