//! What a `zoo.cfg` means, and what is said of one that is wrong.

use std::path::{Path, PathBuf};
use std::time::Duration;

use server::access::Rules;
use server::{ClientCertificates, Config, Ensemble, Member, OutputLimits, Secure};

use super::identity::{self, client_address, my_id};
use super::server_line::ClientAddress;
use super::value::Mistake;
use super::zoo_cfg::{Settings, read};

const THREE: &str = "dataDir=/data\nclientPort=2181\ninitLimit=10\nsyncLimit=5\n\
                     server.1=a:2888:3888\nserver.2=b:2888:3888\nserver.3=c:2888:3888\n";

fn settings(text: &str) -> Settings {
    read(text).unwrap_or_else(|mistake| panic!("{mistake:?} in:\n{text}"))
}

fn ensemble(text: &str) -> Ensemble {
    settings(text).config.ensemble.expect("an ensemble")
}

fn remarks(text: &str) -> Vec<(usize, String)> {
    settings(text).remarks
}

/// The text must be refused, at this line, with these words.
fn is_refused(text: &str, line: Option<usize>, part: &str) {
    let mistake = read(text).expect_err(text);
    assert_eq!(mistake.line, line, "{text}: {}", mistake.why);
    assert!(mistake.why.contains(part), "`{part}` was expected in: {}", mistake.why);
    assert!(!mistake.why.contains('\n'), "one line: {}", mistake.why);
}

/// One setting behind those that must be there.
fn with(line: &str) -> String {
    format!("dataDir=/data\nclientPort=2181\n{line}\n")
}

#[test]
fn a_file_with_the_least_in_it_is_one_server_with_the_defaults_of_zookeeper() {
    let settings = settings("dataDir=/var/lib/zookeeper\nclientPort=2181\n");
    let tick = Duration::from_secs(3);
    let data = Some(PathBuf::from("/var/lib/zookeeper"));
    assert_eq!(settings.config, Config { tick, data, ..Config::default() });
    assert_eq!(settings.client_port, Some((2, 2181)));
    assert_eq!(settings.remarks, []);
}

#[test]
fn every_setting_arrives() {
    let settings = settings(
        "tickTime=500\ndataDir=/data\nclientPort=2182\nclientPortAddress=10.0.0.1\nmaxClientCnxns=0\nmaxCnxns=7\n\
         minSessionTimeout=-1\nmaxSessionTimeout=90000\nautopurge.snapRetainCount=5\nautopurge.purgeInterval=24\n\
         snapCount=1000\njute.maxbuffer=0x3fffff\nglobalOutstandingLimit=50\n4lw.commands.whitelist=stat, ruok,\n\
         extendedTypesEnabled=true\nenforceQuota=TRUE\nznode.container.checkIntervalMs=1500\n\
         znode.container.maxPerMinute=600\nznode.container.maxNeverUsedIntervalMs=7000\n\
         nio.sessionlessCnxnTimeout=2500\nzookeeper.DigestAuthenticationProvider.superDigest=super:abc=\n\
         DigestAuthenticationProvider.enabled=false\nskipACL=no\n\
         interregnum.outputPause=0x1000\ninterregnum.outputLimit=8192\ninterregnum.outputPauseInAll=1000000\n\
         interregnum.outputLimitInAll=2000000\n",
    );
    let expected = Config {
        tick: Duration::from_millis(500),
        data: Some(PathBuf::from("/data")),
        connections_per_address: 0,
        connections_total: 7,
        session_timeout_minimum: None,
        session_timeout_maximum: Some(Duration::from_secs(90)),
        snapshots_kept: 5,
        snapshot_interval: 1000,
        frame_limit: 0x3f_ffff,
        outstanding_limit: 50,
        words: vec!["stat".to_owned(), "ruok".to_owned()],
        extended_types: true,
        enforce_quota: true,
        container_check_interval: Duration::from_millis(1500),
        handshake_timeout: Duration::from_millis(2500),
        containers_per_minute: 600,
        container_unused_interval: Some(Duration::from_secs(7)),
        output: OutputLimits { pause: 0x1000, limit: 8192, pause_in_all: 1_000_000, limit_in_all: 2_000_000 },
        access: Rules { digests: false, super_digest: Some("super:abc=".to_owned()), ..Rules::default() },
        ..Config::default()
    };
    assert_eq!(settings.config, expected);
    assert_eq!(settings.client_host, Some((4, "10.0.0.1".to_owned())));
    assert_eq!(settings.remarks, []);
}

#[test]
fn who_is_to_be_held_up_is_not_cut_off_before() {
    let both = with("interregnum.outputPause=9\ninterregnum.outputLimit=8");
    is_refused(&both, Some(4), "interregnum.outputLimit, 8 bytes");
    is_refused(&with("interregnum.outputLimitInAll=1000"), Some(3), "interregnum.outputPauseInAll, 67108864 bytes");
    is_refused(&with("interregnum.outputPause=0"), Some(3), "no whole number of bytes");
}

#[test]
fn whoever_skips_lists_is_told_what_that_means() {
    let text = with("skipACL=yes\nznode.container.maxNeverUsedIntervalMs=0");
    assert!(settings(&text).config.access.skips_lists);
    assert_eq!(settings(&text).config.container_unused_interval, None);
    assert_eq!(remarks(&text), [(3, "skipACL: everybody may do everything".to_owned())]);
    is_refused(&with("skipACL=true"), Some(3), "neither `yes` nor `no`");
    is_refused(&with("DigestAuthenticationProvider.enabled=yes"), Some(3), "neither `true` nor `false`");
}

const TLS: &str = "secureClientPort=2281\nssl.keyStore.location=/k.pem\nssl.trustStore.location=/t.pem";

#[test]
fn a_port_for_tls_has_stores_and_knows_certificates() {
    let text = with(TLS);
    let port = settings(&text).tls.expect("a port");
    assert_eq!((port.host, port.port, port.key_password_file), (None, 2281, None));
    let Secure { key_store, trust_store, client_certificates, key_password, .. } = port.secure;
    assert_eq!((key_store, trust_store), (PathBuf::from("/k.pem"), Some(PathBuf::from("/t.pem"))));
    assert_eq!((client_certificates, key_password), (ClientCertificates::Needed, None));
    assert!(settings(&text).config.access.certificates);
    assert!(!settings(&with("tickTime=1")).config.access.certificates, "without TLS nobody knows the scheme");
    assert_eq!(remarks(&text), []);

    let more = format!(
        "{text}zookeeper.ssl.clientAuth=WANT\nssl.keyStore.type=pem\nssl.keyStore.password=secret\n\
         secureClientPortAddress=::1\nssl.keyStore.passwordPath=/p\n\
         X509AuthenticationProvider.superUser=CN=root,O=Org\n"
    );
    let more = settings(&more);
    assert_eq!(more.config.access.super_subject.as_deref(), Some("CN=root,O=Org"));
    assert!(!format!("{more:?}").contains("secret"), "a password is not shown");
    let port = more.tls.expect("a port");
    assert_eq!((port.host.as_deref(), port.key_password_file), (Some("[::1]"), Some(PathBuf::from("/p"))));
    assert_eq!(port.secure.client_certificates, ClientCertificates::Wanted);
    assert_eq!(port.secure.key_password, Some(proto::Secret("secret".into())));
}

#[test]
fn stores_are_pem_files_and_all_that_is_needed_is_there() {
    for (line, part) in [
        ("ssl.keyStore.type=JKS", "`JKS` cannot be had: stores are PEM files"),
        ("ssl.trustStore.type=pkcs12", "PEM files"),
        ("ssl.keyStore.type=PEN", "no kind of store"),
        ("ssl.keyStore.location=", "file is missing"),
        ("ssl.clientAuth=maybe", "neither `none`, `want` nor `need`"),
        ("secureClientPort=0", "no port"),
    ] {
        is_refused(&with(line), Some(3), part);
    }
    is_refused(&with("secureClientPort=2281"), Some(3), "needs ssl.keyStore.location");
    is_refused(&with(&TLS.replace("ssl.trust", "ssl.rust")), Some(3), "needs ssl.trustStore.location");
    is_refused(&with(&TLS.replace("/k.pem", "/k.JKS")), Some(4), "/k.JKS cannot be read");
    is_refused(&with(&TLS.replace("/t.pem", "/t.p12")), Some(5), "/t.p12 cannot be read");
    assert!(settings(&with(&format!("{}\nssl.trustStore.type=PEM", TLS.replace("/t.pem", "/t.p12")))).tls.is_some());
    let none =
        settings(&with("secureClientPort=1\nssl.keyStore.location=/k\nssl.clientAuth=none")).tls.expect("a port");
    assert_eq!(none.secure.trust_store, None);
    assert_eq!(
        remarks(&with("ssl.clientAuth=want")),
        [(3, "without secureClientPort nothing is encrypted".to_owned())]
    );
}

#[test]
fn where_there_is_a_port_for_tls_there_may_be_no_other() {
    let text = with(TLS);
    assert_eq!(client_address(&settings(&text.replace("clientPort=2181\n", "")), None), Ok(None));
    assert!(matches!(client_address(&settings(&text), None), Ok(Some(ClientAddress { port: 2181, .. }))));
}

#[test]
fn server_lines_make_an_ensemble() {
    let all = format!(
        "{THREE}server.4=d:2888:3888:observer\ncommitLogCount=9\ndb.autocreate=false\nreadonlymode.enabled=true\n\
         interregnum.strictSync=true\n4lw.commands.whitelist=srvr\n"
    );
    let config = settings(&all).config;
    let member = |host: &str, observes| Member { host: host.to_owned(), port: 2888, observes };
    let members = [(1, member("a", false)), (2, member("b", false)), (3, member("c", false)), (4, member("d", true))];
    let description = "server.1=a:2888:3888:participant\nserver.2=b:2888:3888:participant\n\
                       server.3=c:2888:3888:participant\nserver.4=d:2888:3888:observer\nversion=0";
    let expected = Ensemble {
        init_limit: 10,
        sync_limit: 5,
        commit_log_count: 9,
        trust_empty_directory: false,
        strict_sync: true,
        read_only_mode: true,
        description: Some(description.to_owned()),
        ..Ensemble::new(members.into())
    };
    assert_eq!(config.ensemble, Some(expected));
    assert_eq!(remarks(&all), []);
}

#[test]
fn one_server_that_votes_stands_alone_unless_it_must_not() {
    let one = with("server.1=a:2888:3888");
    assert_eq!(settings(&one).config.ensemble, None);
    let alone = format!("{one}standaloneEnabled=false\ninitLimit=1\nsyncLimit=1\nserver.2=b:2888:3888:observer\n");
    assert_eq!(ensemble(&alone).members.len(), 2);
    is_refused(&format!("{one}server.2=b:2888:3888:observer\n"), Some(4), "stands alone");
    is_refused(&with("server.1=a:2888:3888:observer"), Some(3), "no server votes");
    is_refused(&with("standaloneEnabled=yes"), Some(3), "neither `true` nor `false`");
}

#[test]
fn an_even_number_and_missing_limits_are_remarked_on() {
    let two = with("server.1=a:2888:3888\nserver.2=b:2888:3888");
    let texts: Vec<String> = remarks(&two).into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert!(texts[0].contains("none may fail") && texts[1].contains("initLimit") && texts[2].contains("syncLimit"));
    let four = format!("{THREE}server.7=g:2888:3888\n");
    assert_eq!(remarks(&four), [(8, "4 servers that vote bear no more failures than 3".to_owned())]);
}

#[test]
fn wrong_values_are_refused_with_line_key_and_what_is_expected() {
    for (line, part) in [
        ("tickTime=2s", "tickTime: `2s` is no whole number of milliseconds from 1"),
        ("tickTime=0", "tickTime: `0`"),
        ("tickTime", "tickTime: ``"),
        ("initLimit=-1", "ticks from 1"),
        ("clientPort=0", "no port from 1 to 65535"),
        ("clientPort=65536", "no port"),
        ("clientPortAddress=no host", "no host"),
        ("peerType=leader", "neither `participant` nor `observer`"),
        ("maxClientCnxns=-1", "connections from 0"),
        ("enforceQuota=1", "neither `true` nor `false`"),
        ("zookeeper.snapCount=1", "zookeeper.snapCount: `1` is no whole number of transactions from 2"),
        ("jute.maxbuffer=4m", "bytes"),
        ("minSessionTimeout=90000", "90000 ms, is longer than the longest, 60000 ms"),
        ("server.0=a:1:2", "from 1 to 254"),
        ("server.1=a", "is not of the form"),
        ("dataLogDir=", "missing"),
    ] {
        is_refused(&with(line), Some(3), part);
    }
    is_refused("clientPort=2181", None, "dataDir is missing");
    is_refused("dataDir=\n", Some(1), "directory is missing");
    is_refused(&format!("{THREE}server.9=b:2888:9\n"), Some(8), "where server.2 does");
    is_refused("a=b\nc=\\u12\n", Some(2), "four hexadecimal digits");
}

#[test]
fn a_superuser_s_password_is_not_repeated() {
    let mistake = read(&with("DigestAuthenticationProvider.superDigest=secret")).expect_err("no digest");
    assert!(mistake.line == Some(3) && !mistake.why.contains("secret"), "{}", mistake.why);
}

#[test]
fn what_somebody_relies_on_and_cannot_be_had_is_refused() {
    for (line, part) in [
        ("group.1=1:2:3", "one vote"),
        ("weight.1=3", "one vote"),
        ("ssl.crl=true", "revoked"),
        ("ssl.authProvider=mine", "subject"),
        ("sslQuorum=true", "not encrypted"),
        ("ssl.quorum.keyStore.location=/k", "not encrypted"),
        ("quorum.auth.enableSasl=true", "no SASL"),
        ("zookeeper.sessionRequireClientSASLAuth=true", "no SASL"),
        ("dynamicConfigFile=/d", "`server.N`"),
    ] {
        is_refused(&with(line), Some(3), part);
    }
    assert_eq!(remarks(&with("sslQuorum=false\nsessionRequireClientSASLAuth=false")), []);
}

#[test]
fn what_has_no_effect_is_remarked_on_unless_it_is_done_anyway() {
    for line in [
        "admin.serverPort=8080",
        "metricsProvider.className=x",
        "authProvider.1=x",
        "ssl.ciphersuites=x",
        "leaderServes=no",
        "forceSync=no",
        "electionAlg=1",
        "preAllocSize=1",
        "dataLogDir=/log",
    ] {
        let key = line.split('=').next().expect("a key");
        let remarks = remarks(&with(line));
        assert!(matches!(&remarks[..], [(3, text)] if text.contains(key) && text.contains("no effect")), "{remarks:?}");
    }
    assert_eq!(remarks(&with("leaderServes=yes\nforceSync=yes\nelectionAlg=3\nadmin.enableServer=false")), []);
}

#[test]
fn an_unknown_key_is_told_with_the_nearest_one() {
    for (key, nearest) in [
        ("tickTme", "tickTime"),
        ("synclimit", "syncLimit"),
        ("dataDirectory", "dataDir"),
        ("sever.1", "server.N"),
        ("zookeeper.4lw.command.whitelist", "4lw.commands.whitelist"),
    ] {
        let remarks = remarks(&with(&format!("{key}=1")));
        let expected = format!("did you mean `{nearest}`?");
        assert!(matches!(&remarks[..], [(3, text)] if text.contains(key) && text.contains(&expected)), "{remarks:?}");
    }
}

#[test]
fn the_last_of_two_counts_and_that_is_told() {
    let text = with("tickTime=1\nsnapCount=5\nzookeeper.tickTime=2");
    assert_eq!(settings(&text).config.tick, Duration::from_millis(2));
    assert_eq!(remarks(&text), [(5, "tickTime is set again: this counts, and line 3 does not".to_owned())]);
    let text = format!("{THREE}server.2=d:2888:3888\n");
    assert_eq!(ensemble(&text).members[&2].host, "d");
    assert_eq!(remarks(&text).len(), 1);
}

#[test]
fn limits_of_snapshots_are_those_of_zookeeper() {
    let settings = settings(&with("autopurge.snapRetainCount=1\nautopurge.purgeInterval=0"));
    assert_eq!(settings.config.snapshots_kept, 3);
    let lines: Vec<usize> = settings.remarks.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 4]);
}

#[test]
fn my_id_is_that_of_a_member() {
    let settings = settings(THREE);
    assert_eq!(my_id("2\n", &settings), Ok(2));
    assert_eq!(my_id(" 3 \nwhatever", &settings), Ok(3));
    for (content, part) in [("", "``"), ("two", "`two`"), ("0", "1 to 254"), ("255", "1 to 254"), ("4", "server.4")] {
        let why = my_id(content, &settings).expect_err(content);
        assert!(why.contains(part), "{content}: {why}");
    }
    assert!(identity::missing(&settings).contains("1, 2, 3"));
}

#[test]
fn where_clients_connect_is_said_once_or_twice_the_same() {
    let address = |text: &str| client_address(&settings(text), Some(2));
    let is = |host: Option<&str>, port| Ok(Some(ClientAddress { host: host.map(str::to_owned), port }));
    assert_eq!(address(THREE), is(None, 2181));
    assert_eq!(address(&format!("{THREE}clientPortAddress=::1\n")), is(Some("[::1]"), 2181));
    let own = THREE.replace("b:2888:3888", "b:2888:3888;b:2181");
    assert_eq!(address(&own), is(Some("b"), 2181));
    assert_eq!(address(&own.replace("clientPort=2181\n", "")), is(Some("b"), 2181));
    assert_eq!(address(&format!("{own}clientPortAddress=b\n")), is(Some("b"), 2181));

    let differs = |text: &str, line, part: &str| {
        let Mistake { line: at, why } = address(text).expect_err(text);
        assert!(at == line && why.contains(part), "{at:?}: {why}");
    };
    differs(&own.replace("=2181", "=2182"), Some(2), "clientPort differs from what server.2 says in line 6");
    differs(&format!("{own}clientPortAddress=c\n"), Some(8), "clientPortAddress differs");
    differs(&THREE.replace("clientPort=2181\n", ""), None, "clientPort is missing");
}

#[test]
fn the_list_of_servers_says_who_observes() {
    let text = format!("{THREE}peerType=observer\n");
    assert_eq!(identity::disagreement(&settings(THREE), 2), None);
    let (line, why) = identity::disagreement(&settings(&text), 2).expect("they disagree");
    assert!(line == 8 && why.contains("server.2 is a participant"), "{why}");
}

#[test]
fn data_of_zookeeper_is_not_begun_beside() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let foreign = |all: &[&str]| identity::foreign_data(&names(all), Path::new("/data"));
    assert!(foreign(&["acceptedEpoch", "log.1"]).is_some_and(|why| why.contains("/data")));
    assert_eq!(foreign(&["acceptedEpoch"]), None);
    assert_eq!(foreign(&[]), None);
}

#[test]
fn whatever_an_escape_puts_into_a_file_it_is_told_in_one_line() {
    is_refused(&with(r"server.1=a\nb:2888:3888"), Some(3), r"has `a\nb` where a host belongs");
    is_refused(&with(r"server.1=a:2888:3888:lea\u001bder"), Some(3), r"ends with `lea\u{1b}der`");
    let store = "secureClientPort=1\nssl.clientAuth=none\nssl.keyStore.location=a\\nb.jks";
    is_refused(&with(store), Some(5), r"a\nb.jks cannot be read");
    assert_eq!(remarks(&with(r"no\nkey=1"))[0].1, r"nobody knows the key `no\nkey`, which has no effect");
}
