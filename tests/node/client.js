// All that node-zookeeper-client can do, as cases that know nothing about which server they talk to.
//
// Usage: node client.js HOSTS. Says `version V`, then for each case `ok NAME` or `failed NAME: WHY`, and `end` at last. A case that needs
// a server to fail says `please kill` (the one that leads, or the only one) or `please restart`, and waits for a line.

'use strict';

const assert = require('node:assert');
const readline = require('node:readline');
// Where the test has installed it.
const library = process.env.NODE_PATH + '/node-zookeeper-client';
const zookeeper = require(library);
const { version } = require(library + '/package.json');

const { ACL, CreateMode, Event, Exception, Id, Permission, State } = zookeeper;

const HOSTS = process.argv[2];
// Only the cases whose names hold this.
const CHOSEN = process.env.CASES ?? '';
const PATIENCE_MS = 20000;
const answers = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function eventually(what, probe) {
  for (let waited = 0; waited < PATIENCE_MS; waited += 10) {
    const found = await probe();
    if (found) return found;
    await pause(10);
  }
  assert.fail(`not within ${PATIENCE_MS} ms: ${what}`);
}

// Asks the test for something and waits until it is done.
async function please(what) {
  console.log(`please ${what}`);
  await answers.next();
}

// A session, whose calls are promises of what their callbacks are given.
async function connected(options = {}) {
  const client = zookeeper.createClient(HOSTS, { sessionTimeout: 10000, spinDelay: 100, retries: 0, ...options });
  const session = { client, states: [] };
  client.on('state', (state) => session.states.push(state.name));
  for (const call of ['create', 'remove', 'setData', 'getData', 'setACL', 'getACL', 'exists', 'getChildren', 'mkdirp', 'removeRecursive', 'listSubTreeBFS']) {
    session[call] = (...parameters) =>
      new Promise((resolve, reject) =>
        client[call](...parameters, (error, ...results) => (error ? reject(error) : resolve(results))));
  }
  session.commit = (transaction) =>
    new Promise((resolve) => transaction.commit((error, results) => resolve({ error, results })));
  session.state = () => client.getState();
  session.close = () => client.close();
  client.connect();
  await eventually('a session', () => client.getState() === State.SYNC_CONNECTED);
  return session;
}

async function fails(code, promise) {
  try {
    await promise;
  } catch (error) {
    assert.strictEqual(error.getCode(), code);
    return;
  }
  assert.fail(`error ${code} was expected`);
}

const bytes = (text) => Buffer.from(text);

const CASES = {
  async 'znodes'(zk, root) {
    const path = `${root}/a`;
    assert.deepStrictEqual(await zk.create(path, bytes('one')), [path]);
    await fails(Exception.NODE_EXISTS, zk.create(path));
    await fails(Exception.NO_NODE, zk.create(`${root}/no/parent`));
    let [data, stat] = await zk.getData(path);
    assert.strictEqual(data.toString(), 'one');
    assert.strictEqual(stat.version, 0);
    assert.deepStrictEqual(stat.czxid, stat.mzxid);
    [stat] = await zk.setData(path, bytes('three'), 0);
    assert.strictEqual(stat.version, 1);
    assert.strictEqual(stat.dataLength, 5);
    await fails(Exception.BAD_VERSION, zk.setData(path, bytes('x'), 7));
    await zk.create(`${path}/b`);
    [stat] = await zk.exists(path);
    assert.strictEqual(stat.numChildren, 1);
    await fails(Exception.NOT_EMPTY, zk.remove(path));
    await fails(Exception.BAD_VERSION, zk.remove(`${path}/b`, 7));
    await zk.remove(`${path}/b`, 0);
    await zk.remove(path);
    await fails(Exception.NO_NODE, zk.remove(path));
    assert.deepStrictEqual(await zk.exists(path), [null]);
  },

  async 'kinds of znodes'(zk, root) {
    for (let number = 0; number < 3; number++) {
      const [path] = await zk.create(`${root}/s-`, CreateMode.PERSISTENT_SEQUENTIAL);
      assert.strictEqual(path, `${root}/s-${String(number).padStart(10, '0')}`);
    }
    await zk.create(`${root}/e`, CreateMode.EPHEMERAL);
    const [stat] = await zk.exists(`${root}/e`);
    assert.deepStrictEqual(stat.ephemeralOwner, zk.client.getSessionId());
    await fails(Exception.NO_CHILDREN_FOR_EPHEMERALS, zk.create(`${root}/e/child`));
    const [path] = await zk.create(`${root}/es-`, CreateMode.EPHEMERAL_SEQUENTIAL);
    assert.strictEqual(path, `${root}/es-0000000004`);
  },

  async 'trees'(zk, root) {
    await zk.mkdirp(`${root}/a/b`, bytes('deep'));
    await zk.create(`${root}/a/d`);
    const [children, stat] = await zk.getChildren(`${root}/a`);
    assert.deepStrictEqual(children.sort(), ['b', 'd']);
    assert.strictEqual(stat.cversion, 2);
    // Only one level: this version of the client lists no more, whatever its documents say.
    const [all] = await zk.listSubTreeBFS(`${root}/a`);
    assert.deepStrictEqual(all.sort(), ['', '/b', '/d'].map((path) => `${root}/a${path}`));
    await zk.removeRecursive(`${root}/a`);
    assert.deepStrictEqual(await zk.exists(`${root}/a`), [null]);
    await fails(Exception.NO_NODE, zk.getChildren(`${root}/a`));
  },

  async 'watches'(zk, root) {
    const path = `${root}/a`;
    const events = [];
    const watcher = (event) => events.push([event.getName(), event.getPath()]);
    const heard = (count) => eventually(`event ${count}`, () => events.length === count);
    assert.deepStrictEqual(await zk.exists(path, watcher), [null]);
    await zk.create(path);
    await heard(1);
    await zk.getData(path, watcher);
    await zk.setData(path, bytes('1'));
    await zk.setData(path, bytes('2'));
    await heard(2);
    await zk.getChildren(path, watcher);
    await zk.create(`${path}/b`);
    await zk.create(`${path}/c`);
    await heard(3);
    await zk.exists(`${path}/b`, watcher);
    await zk.remove(`${path}/b`);
    await heard(4);
    assert.deepStrictEqual(events, [
      ['NODE_CREATED', path],
      ['NODE_DATA_CHANGED', path],
      ['NODE_CHILDREN_CHANGED', path],
      ['NODE_DELETED', `${path}/b`],
    ]);
  },

  async 'transactions'(zk, root) {
    const path = `${root}/a`;
    let { error, results } = await zk.commit(
      zk.client.transaction().create(path, bytes('1')).setData(path, bytes('2')).check(path, 1).remove(path, 1));
    assert.ok(!error, String(error));
    assert.strictEqual(results.length, 4);
    assert.strictEqual(results[0].path, path);
    assert.strictEqual(results[1].stat.version, 1);
    ({ error, results } = await zk.commit(zk.client.transaction().create(path, bytes('1')).check(path, 7).remove(path, 1)));
    assert.strictEqual(error.getCode(), Exception.BAD_VERSION);
    assert.deepStrictEqual(results.map((result) => result.err), [0, Exception.BAD_VERSION, Exception.RUNTIME_INCONSISTENCY]);
    assert.deepStrictEqual(await zk.exists(path), [null]);
  },

  async 'access is controlled'(zk, root) {
    await fails(Exception.INVALID_ACL, zk.create(`${root}/n`, ACL.CREATOR_ALL_ACL));
    zk.client.addAuthInfo('digest', bytes('me:secret'));
    await zk.create(`${root}/mine`, bytes('1'), ACL.CREATOR_ALL_ACL);
    await zk.create(`${root}/shown`, bytes('1'), ACL.READ_ACL_UNSAFE);
    const [acls, stat] = await zk.getACL(`${root}/mine`);
    assert.strictEqual(acls.length, 1);
    assert.strictEqual(acls[0].permission, Permission.ALL);
    assert.strictEqual(acls[0].id.scheme, 'digest');
    assert.ok(acls[0].id.id.startsWith('me:'));
    assert.strictEqual(stat.aversion, 0);
    const other = await connected();
    await eventually('it is there', async () => (await other.exists(`${root}/shown`))[0]);
    await fails(Exception.NO_AUTH, other.getData(`${root}/mine`));
    await fails(Exception.NO_AUTH, other.setData(`${root}/shown`, bytes('2')));
    await other.getData(`${root}/shown`);
    other.client.addAuthInfo('digest', bytes('me:secret'));
    await other.setData(`${root}/mine`, bytes('2'));
    const [changed] = await other.setACL(`${root}/mine`, [new ACL(Permission.READ, new Id('world', 'anyone'))], 0);
    assert.strictEqual(changed.aversion, 1);
    await fails(Exception.NO_AUTH, other.setData(`${root}/mine`, bytes('3')));
    other.close();
  },

  async 'an unknown scheme ends the session'() {
    const other = await connected();
    other.client.addAuthInfo('nobody', bytes('x'));
    await eventually('it has failed', () => other.states.includes('AUTH_FAILED'));
    other.close();
  },

  async 'a thousand calls at once are answered in order'(zk, root) {
    const order = [];
    const calls = Array.from({ length: 1000 }, async (_, number) => {
      const [path] = await zk.create(`${root}/s-`, bytes('x'), CreateMode.PERSISTENT_SEQUENTIAL);
      order.push(number);
      assert.strictEqual(Number(path.slice(-10)), number);
    });
    await Promise.all(calls);
    assert.deepStrictEqual(order, order.slice().sort((left, right) => left - right));
  },

  async 'half a megabyte comes back'(zk, root) {
    const sent = Buffer.from(Array.from({ length: 500000 }, (_, place) => (place * 7) % 256));
    await zk.create(`${root}/a`, sent);
    const [got] = await zk.getData(`${root}/a`);
    assert.ok(sent.equals(got));
  },

  async 'timeouts are negotiated'() {
    // Two and twenty ticks of half a second.
    for (const [asked, granted] of [[900, 1000], [3600000, 10000]]) {
      const other = await connected({ sessionTimeout: asked });
      assert.strictEqual(other.client.getSessionTimeout(), granted);
      other.close();
    }
  },

  async 'closing deletes ephemerals'(zk, root) {
    const other = await connected();
    await other.create(`${root}/e`, CreateMode.EPHEMERAL);
    const events = [];
    // Another server of an ensemble may not have it yet.
    await eventually('it is there', async () => (await zk.exists(`${root}/e`, (event) => events.push(event.getName())))[0]);
    other.close();
    await eventually('it is gone', () => events.includes('NODE_DELETED'));
  },

  async 'a session ends under its client'(zk, root) {
    const victim = await connected();
    await victim.create(`${root}/e`, CreateMode.EPHEMERAL);
    const sessionId = victim.client.getSessionId();
    // Held back meanwhile: two clients of one session take it from each other by turns.
    const manager = victim.client.connectionManager;
    const connect = manager.connect.bind(manager);
    let isHeld = false;
    manager.connect = () => (isHeld = true);
    const other = await connected({ sessionId, sessionPassword: victim.client.getSessionPassword() });
    assert.deepStrictEqual(other.client.getSessionId(), sessionId);
    other.close();
    await eventually('it is gone', async () => !(await zk.exists(`${root}/e`))[0]);
    manager.connect = connect;
    if (isHeld) connect();
    else manager.socket.destroy();
    await eventually('it is told', () => victim.states.includes('EXPIRED'));
    victim.close();
  },

  async 'a wrong password gets no session'(zk, root) {
    const thief = zookeeper.createClient(HOSTS, {
      spinDelay: 100,
      sessionId: zk.client.getSessionId(),
      sessionPassword: Buffer.alloc(16, 7),
    });
    const states = [];
    thief.on('state', (state) => states.push(state.name));
    thief.connect();
    await eventually('it is refused', () => states.includes('EXPIRED'));
    thief.close();
    await zk.create(`${root}/still`);
  },

  async 'nobody pings a session away'(_, root) {
    const other = await connected({ sessionTimeout: 1000 });
    await other.create(`${root}/e`, CreateMode.EPHEMERAL);
    await pause(3000);
    assert.ok((await other.exists(`${root}/e`))[0]);
    assert.deepStrictEqual(other.states, ['SYNC_CONNECTED']);
    other.close();
  },

  async 'sessions and watches outlive a server'(_, root) {
    const isEnsemble = HOSTS.includes(',');
    const zk = await connected();
    const sessionId = zk.client.getSessionId();
    await zk.create(`${root}/e`, CreateMode.EPHEMERAL);
    await zk.create(`${root}/d`);
    const events = [];
    await zk.getData(`${root}/d`, (event) => events.push(event.getName()));
    await please('kill');
    if (!isEnsemble) {
      await eventually('it is lost', () => zk.state() !== State.SYNC_CONNECTED);
      await please('restart');
    }
    // It waits for the answer to its handshake for ever, which a ZooKeeper that has just been started may not give.
    const kick = setInterval(() => zk.state() === State.SYNC_CONNECTED || zk.client.connectionManager.socket.destroy(), 3000);
    await eventually('it is back', () =>
      zk.state() === State.SYNC_CONNECTED &&
      zk.create(`${root}/after`).then(() => true, (error) => error.getCode() === Exception.NODE_EXISTS));
    clearInterval(kick);
    assert.deepStrictEqual(zk.client.getSessionId(), sessionId);
    const [stat] = await zk.exists(`${root}/e`);
    assert.deepStrictEqual(stat.ephemeralOwner, sessionId);
    await zk.setData(`${root}/d`, bytes('1'));
    await eventually('the watch has fired', () => events.length === 1);
    assert.deepStrictEqual(events, ['NODE_DATA_CHANGED']);
    if (isEnsemble) await please('restart');
    zk.close();
  },
};

async function main() {
  console.log(`version ${version}`);
  for (const [name, run] of Object.entries(CASES)) {
    if (!name.includes(CHOSEN)) continue;
    const root = `/node-${name.replaceAll(' ', '-')}`;
    const zk = await connected();
    try {
      await zk.create(root);
      await run(zk, root);
      console.log(`ok ${name}`);
    } catch (error) {
      console.log(`failed ${name}: ${String(error.message).split('\n')[0]}`);
      console.error(error);
    }
    zk.close();
  }
  console.log('end');
  process.exit(0);
}

main();
