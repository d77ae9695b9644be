CREATE TABLE `usage_cursors` (
	`owner` text PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	`backlog` integer NOT NULL,
	`delivered_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `usage_daily` (
	`owner` text NOT NULL,
	`user_id` text NOT NULL,
	`key_id` text NOT NULL,
	`model` text NOT NULL,
	`day` text NOT NULL,
	`test` integer NOT NULL,
	`tokens` integer NOT NULL,
	`requests` integer NOT NULL,
	`expired` integer NOT NULL,
	PRIMARY KEY(`owner`, `day`, `user_id`, `key_id`, `model`, `test`),
	CONSTRAINT "usage_daily_test" CHECK("usage_daily"."test" in (0, 1))
);
--> statement-breakpoint
CREATE INDEX `usage_daily_user` ON `usage_daily` (`user_id`,`day`);--> statement-breakpoint
CREATE INDEX `usage_daily_day` ON `usage_daily` (`day`);