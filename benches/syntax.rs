//! How fast plain CREATE TABLE text is read: `cargo bench --bench syntax`.

use std::fmt::Write as _;

use alterplan::syntax::{self, Reading};
use alterplan::target::Target;
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

/// A table as mysqldump prints it, with that many groups of columns.
fn table(groups: usize) -> String {
    let mut text = String::from("CREATE TABLE `order_items` (\n  `id` bigint unsigned NOT NULL AUTO_INCREMENT,\n");
    for n in 0..groups {
        let _infallible = write!(
            text,
            "  `customer_reference_{n}` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '',\n  \
             `quantity_{n}` int unsigned DEFAULT NULL,\n  \
             `price_{n}` decimal(10,2) NOT NULL DEFAULT '0.00' COMMENT 'net price, without taxes',\n  \
             `created_at_{n}` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,\n  \
             `state_{n}` enum('open','paid','shipped','returned') NOT NULL DEFAULT 'open',\n"
        );
    }
    text.push_str("  PRIMARY KEY (`id`)");
    for n in 0..groups {
        let _infallible = write!(
            text,
            ",\n  KEY `idx_reference_{n}` (`customer_reference_{n}`(20),`state_{n}`),\n  \
             CONSTRAINT `fk_reference_{n}` FOREIGN KEY (`quantity_{n}`) REFERENCES `customers` (`id`) ON DELETE CASCADE"
        );
    }
    text.push_str("\n) ENGINE=InnoDB AUTO_INCREMENT=4711 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci");
    text
}

#[divan::bench(args = [1, 4, 20])]
fn create_table(bencher: divan::Bencher<'_, '_>, groups: usize) {
    let text = table(groups);
    let reading = Reading::of(Target::DEFAULT);
    bencher.counter(BytesCount::of_str(&text)).bench(|| syntax::parse(divan::black_box(text.as_bytes()), 0, &reading));
}
