"""kazoo's recipes, as they come: what they rely on, users rely on."""

import threading

from harness import Companion, case, connected, eventually, fails, main

from kazoo.exceptions import LockTimeout

# What the clients here ask for, in seconds, and the server's tick: both servers are started with it.
SESSION = 1.5
TICK = 0.5
# For a machine that has other things to do.
SLACK = 1.5


@case
def a_lock_has_one_holder(hosts, root):
    with connected(hosts) as one, connected(hosts) as other:
        first, second = one.Lock(root + "/lock", "one"), other.Lock(root + "/lock", "two")
        assert first.acquire()
        assert not second.acquire(blocking=False)
        fails(LockTimeout, second.acquire, timeout=0.2)
        waiting = threading.Thread(target=second.acquire)
        waiting.start()
        eventually("the second in the queue", lambda: first.contenders() == ["one", "two"])
        assert not second.is_acquired
        first.release()
        waiting.join(timeout=5)
        assert second.is_acquired
        second.release()
        assert one.get_children(root + "/lock") == []


@case
def nobody_is_lost_between_holders(hosts, root):
    inside, most, done = [0], [0], [0]

    def work():
        with connected(hosts) as client:
            lock = client.Lock(root + "/lock")
            for _ in range(5):
                with lock:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                    inside[0] -= 1
                    done[0] += 1

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=20)
    assert done == [20] and most == [1], (done, most)


@case
def a_counter_loses_no_addition(hosts, root):
    with connected(hosts) as one, connected(hosts) as other:

        def add(client):
            counter = client.Counter(root + "/counter")
            for _ in range(20):
                counter += 1

        threads = [threading.Thread(target=add, args=(client,)) for client in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
        assert one.Counter(root + "/counter").value == 40


@case
def a_party_knows_its_guests(hosts, root):
    with connected(hosts) as one, connected(hosts) as other:
        party = one.Party(root + "/party", "one")
        party.join()
        other.Party(root + "/party", "two").join()
        assert sorted(party) == ["one", "two"]
        other.stop()
        assert sorted(party) == ["one"]


@case
def a_queue_gives_each_thing_once(hosts, root):
    with connected(hosts) as one, connected(hosts) as other:
        producer = one.Queue(root + "/queue")
        for number in range(10):
            producer.put(str(number).encode())
        consumers = [one.Queue(root + "/queue"), other.Queue(root + "/queue")]
        assert [consumers[number % 2].get() for number in range(10)] == [str(number).encode() for number in range(10)]
        assert len(producer) == 0


@case
def a_session_outlives_its_process_by_its_timeout(hosts, root):
    with connected(hosts) as observer, Companion("holder.py", hosts, root + "/e", str(SESSION)) as holder:
        assert holder.says() == str(int(SESSION * 1000)), "another timeout was granted"
        assert observer.exists(root + "/e")
        gone = threading.Event()
        observer.exists(root + "/e", watch=lambda event: gone.set())
        holder.kill()
        # kazoo pings every third of the timeout: the last ping may be that old.
        assert not gone.wait(SESSION * 2 / 3 - 0.25), "the ephemeral went before the session's time"
        assert gone.wait(SESSION / 3 + 0.25 + TICK + SLACK), "the ephemeral outlived its session"
        assert observer.exists(root + "/e") is None


@case
def three_processes_elect_one_after_the_other(hosts, root):
    with connected(hosts) as observer:
        election = observer.Election(root + "/election")

        def candidate(name):
            companion = Companion("contender.py", hosts, root + "/election", name, str(SESSION))
            assert companion.says() == f"{name} stands"
            eventually(f"{name} in the queue", lambda: name in election.contenders())
            return companion

        with candidate("a") as a, candidate("b") as b, candidate("c") as c:
            assert a.says() == "a leads"
            assert election.contenders() == ["a", "b", "c"]
            a.kill()
            # The dead leader's session has to end first, and not before.
            assert election.contenders() == ["a", "b", "c"]
            assert b.says() == "b leads"
            assert election.contenders() == ["b", "c"]
            b.hears("resign")
            assert b.says() == "b resigned"
            assert c.says() == "c leads"
            assert election.contenders() == ["c"]
            c.hears("resign")
            assert c.says() == "c resigned"
            assert c.process.wait(timeout=5) == 0
        assert observer.get_children(root + "/election") == []


@case
def a_failover_takes_no_longer_than_session_and_tick(hosts, root):
    with connected(hosts) as observer:
        election = observer.Election(root + "/election")
        with Companion("contender.py", hosts, root + "/election", "a", str(SESSION)) as a:
            assert a.says() == "a stands" and a.says() == "a leads"
            with Companion("contender.py", hosts, root + "/election", "b", str(SESSION)) as b:
                assert b.says() == "b stands"
                eventually("b in the queue", lambda: election.contenders() == ["a", "b"])
                a.kill()
                _, took = eventually("b leads", lambda: election.contenders() == ["b"], SESSION + TICK + SLACK)
                assert b.says() == "b leads"
                print(f"        failover after {took:.2f} s")


@case
def a_stolen_session_needs_its_password(hosts, root):
    with connected(hosts, timeout=4) as owner:
        session, _ = owner.client_id
        owner.create(root + "/e", ephemeral=True)
        with connected(hosts, client_id=(session, b"0123456789abcdef")) as thief:
            assert thief.client_id[0] != session
            assert thief.exists(root + "/e"), "the owner's session has not suffered"


if __name__ == "__main__":
    main()
