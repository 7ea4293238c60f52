//! Which paths are legal, and how they come apart.

use interregnum_proto::PathError;
use interregnum_proto::path::*;
use proptest::prelude::*;

#[test]
fn legal_paths() {
    for path in ["/", "/a", "/a/b", "/...", "/.a", "/a.", "/a/..b", "/ ", "/ü", "/\u{d7ff}", "/\u{f900}", "/\u{ffef}"]
    {
        assert_eq!(validate(path), Ok(()), "{path:?}");
        assert_eq!(validate_sequential(path), Ok(()), "{path:?}");
    }
}

#[test]
fn illegal_paths() {
    let cases = [
        ("", PathError::Empty),
        ("a", PathError::NotAbsolute),
        ("/a/", PathError::TrailingSlash),
        ("//", PathError::EmptyName { offset: 1 }),
        ("//a", PathError::EmptyName { offset: 1 }),
        ("/a//b", PathError::EmptyName { offset: 3 }),
        ("/.", PathError::RelativeName { offset: 1 }),
        ("/a/..", PathError::RelativeName { offset: 3 }),
        ("/./a", PathError::RelativeName { offset: 1 }),
        ("/a/../b", PathError::RelativeName { offset: 3 }),
    ];
    for (path, error) in cases {
        assert_eq!(validate(path), Err(error), "{path:?}");
    }
}

#[test]
fn forbidden_characters() {
    for character in
        ['\0', '\u{1}', '\u{1f}', '\u{7f}', '\u{9f}', '\u{e000}', '\u{f8ff}', '\u{fff0}', '\u{ffff}', '\u{10000}', '🦀']
    {
        let path = format!("/a/b{character}");
        let error = PathError::ForbiddenCharacter { character, offset: 4 };
        assert_eq!(validate(&path), Err(error));
        assert_eq!(validate_sequential(&path), Err(error));
    }
}

#[test]
fn a_number_saves_the_last_name() {
    for path in ["/a/", "/.", "/..", "/a/.."] {
        assert!(validate(path).is_err(), "{path:?}");
        assert_eq!(validate_sequential(path), Ok(()), "{path:?}");
    }
    for path in ["", "a", "//", "/a//", "/../a"] {
        assert!(validate_sequential(path).is_err(), "{path:?}");
    }
}

#[test]
fn parts() {
    assert_eq!((parent("/"), name("/")), (None, ""));
    assert_eq!((parent("/a"), name("/a")), (Some("/"), "a"));
    assert_eq!((parent("/a/b"), name("/a/b")), (Some("/a"), "b"));
    assert_eq!((join("/", "a"), join("/a", "b")), ("/a".into(), "/a/b".into()));
}

#[test]
fn numbers_have_ten_digits_sign_included() {
    assert_eq!(sequential("/a-", 7), "/a-0000000007");
    assert_eq!(sequential("/", i32::MAX), "/2147483647");
    assert_eq!(sequential("/", -1), "/-000000001");
    assert_eq!(sequential("/", i32::MIN), "/-2147483648");
}

proptest! {
    #[test]
    fn a_sequential_path_is_judged_with_its_number(path in "[/a.\u{7f}]{0,6}") {
        prop_assert_eq!(
            validate_sequential(&path).is_ok(),
            !path.is_empty() && validate(&format!("{path}1")).is_ok(),
        );
    }

    #[test]
    fn a_legal_path_is_its_parent_and_its_name(path in "(/[a-c]{1,3}){1,4}") {
        prop_assert_eq!(validate(&path), Ok(()));
        let parent = parent(&path).expect("it is not the root");
        prop_assert_eq!(join(parent, name(&path)), path);
    }
}
