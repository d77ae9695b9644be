CREATE TABLE `commissions` (
	`order_no` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`amount` integer NOT NULL,
	`created_at` integer NOT NULL,
	`taken_back_at` integer
);
--> statement-breakpoint
CREATE TABLE `gifts` (
	`order_id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`consignee` text,
	`received` integer NOT NULL,
	`claimed_at` integer NOT NULL,
	`express_name` text,
	`express_number` text,
	`shipped_at` integer,
	`updated_at` integer NOT NULL,
	CONSTRAINT "gifts_express" CHECK(("gifts"."shipped_at" is null) = ("gifts"."express_number" is null))
);
--> statement-breakpoint
CREATE INDEX `gifts_user` ON `gifts` (`user_id`);--> statement-breakpoint
CREATE TABLE `rewards` (
	`id` text PRIMARY KEY NOT NULL,
	`owner` text NOT NULL,
	`source_user_id` text NOT NULL,
	`kind` text NOT NULL,
	`order_no` text NOT NULL,
	`asset` text NOT NULL,
	`amount` integer NOT NULL,
	`rate` integer NOT NULL,
	`status` text DEFAULT 'held' NOT NULL,
	`available_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "rewards_kind" CHECK("rewards"."kind" in ('tier', 'commission')),
	CONSTRAINT "rewards_status" CHECK("rewards"."status" in ('held', 'credited', 'void')),
	CONSTRAINT "rewards_amount" CHECK("rewards"."amount" > 0)
);
--> statement-breakpoint
CREATE INDEX `rewards_owner` ON `rewards` (`owner`,`id`);--> statement-breakpoint
CREATE INDEX `rewards_due` ON `rewards` (`available_at`) WHERE "rewards"."status" = 'held';--> statement-breakpoint
CREATE UNIQUE INDEX `rewards_once` ON `rewards` (`kind`,`order_no`,`owner`,`asset`);--> statement-breakpoint
CREATE TABLE `tier_checks` (
	`user_id` text NOT NULL,
	`due_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `due_at`)
);
--> statement-breakpoint
CREATE INDEX `tier_checks_due` ON `tier_checks` (`due_at`);--> statement-breakpoint
CREATE TABLE `withdrawals` (
	`serial` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`user_id` text NOT NULL,
	`currency` text NOT NULL,
	`amount` integer NOT NULL,
	`fee_rate` integer NOT NULL,
	`fee` integer NOT NULL,
	`channel` text NOT NULL,
	`account` text,
	`account_name` text,
	`status` text DEFAULT 'pending' NOT NULL,
	`reason` text,
	`created_at` integer NOT NULL,
	`decided_at` integer,
	CONSTRAINT "withdrawals_channel" CHECK("withdrawals"."channel" in ('wxpay', 'alipay', 'bank')),
	CONSTRAINT "withdrawals_status" CHECK("withdrawals"."status" in ('pending', 'approved', 'rejected')),
	CONSTRAINT "withdrawals_amounts" CHECK("withdrawals"."amount" > 0 and "withdrawals"."fee" between 0 and "withdrawals"."amount")
);
--> statement-breakpoint
CREATE UNIQUE INDEX `withdrawals_id_unique` ON `withdrawals` (`id`);--> statement-breakpoint
CREATE INDEX `withdrawals_user` ON `withdrawals` (`user_id`,`serial`);--> statement-breakpoint
CREATE INDEX `withdrawals_status` ON `withdrawals` (`status`,`serial`);--> statement-breakpoint
ALTER TABLE `grants` ADD `firm_at` integer;--> statement-breakpoint
ALTER TABLE `orders` ADD `token_held` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `orders_program` ON `orders` (`program`,`serial`);