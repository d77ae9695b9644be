CREATE TABLE `refunds` (
	`id` text PRIMARY KEY NOT NULL,
	`provider` text NOT NULL,
	`transaction_id` text NOT NULL,
	`order_id` text NOT NULL,
	`reference` text NOT NULL,
	`amount` integer NOT NULL,
	`currency` text NOT NULL,
	`state` text NOT NULL,
	`reason` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`due_at` integer,
	`created_at` integer NOT NULL,
	`done_at` integer,
	CONSTRAINT "refunds_state" CHECK("refunds"."state" in ('pending', 'done', 'early')),
	CONSTRAINT "refunds_amount" CHECK("refunds"."amount" >= 0)
);
--> statement-breakpoint
CREATE INDEX `refunds_order` ON `refunds` (`order_id`);--> statement-breakpoint
CREATE INDEX `refunds_payment` ON `refunds` (`provider`,`transaction_id`);--> statement-breakpoint
CREATE INDEX `refunds_early` ON `refunds` (`created_at`) WHERE "refunds"."state" = 'early';--> statement-breakpoint
CREATE INDEX `refunds_due` ON `refunds` (`due_at`) WHERE "refunds"."due_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `refunds_reference` ON `refunds` (`provider`,`reference`);--> statement-breakpoint
CREATE TABLE `voucher_types` (
	`id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`value` integer NOT NULL,
	`min_amount` integer NOT NULL,
	`plans` text NOT NULL,
	`programs` text NOT NULL,
	`starts_at` integer NOT NULL,
	`ends_at` integer NOT NULL,
	`voided_at` integer,
	`created_at` integer NOT NULL,
	CONSTRAINT "voucher_types_type" CHECK("voucher_types"."type" in ('fixed', 'percent')),
	CONSTRAINT "voucher_types_value" CHECK("voucher_types"."value" >= 1 and ("voucher_types"."type" = 'fixed' or "voucher_types"."value" <= 100)),
	CONSTRAINT "voucher_types_window" CHECK("voucher_types"."ends_at" > "voucher_types"."starts_at")
);
--> statement-breakpoint
CREATE TABLE `vouchers` (
	`id` text PRIMARY KEY NOT NULL,
	`type_id` text NOT NULL,
	`user_id` text NOT NULL,
	`state` text DEFAULT 'unused' NOT NULL,
	`order_id` text,
	`created_at` integer NOT NULL,
	`used_at` integer,
	FOREIGN KEY (`type_id`) REFERENCES `voucher_types`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "vouchers_state" CHECK("vouchers"."state" in ('unused', 'locked', 'used')),
	CONSTRAINT "vouchers_order" CHECK(("vouchers"."state" = 'unused') = ("vouchers"."order_id" is null))
);
--> statement-breakpoint
CREATE INDEX `vouchers_user` ON `vouchers` (`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `vouchers_type` ON `vouchers` (`type_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `vouchers_order` ON `vouchers` (`order_id`) WHERE "vouchers"."order_id" is not null;--> statement-breakpoint
CREATE TABLE `wallet_balances` (
	`owner` text NOT NULL,
	`asset` text NOT NULL,
	`balance` integer DEFAULT 0 NOT NULL,
	`debt` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`owner`, `asset`),
	CONSTRAINT "wallet_balances_amounts" CHECK("wallet_balances"."balance" >= 0 and "wallet_balances"."debt" >= 0),
	CONSTRAINT "wallet_balances_debt" CHECK("wallet_balances"."balance" = 0 or "wallet_balances"."debt" = 0)
);
--> statement-breakpoint
CREATE TABLE `wallet_entries` (
	`id` text PRIMARY KEY NOT NULL,
	`owner` text NOT NULL,
	`asset` text NOT NULL,
	`amount` integer NOT NULL,
	`balance_after` integer NOT NULL,
	`reason` text NOT NULL,
	`reference` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `wallet_entries_owner` ON `wallet_entries` (`owner`);--> statement-breakpoint
CREATE UNIQUE INDEX `wallet_entries_once` ON `wallet_entries` (`owner`,`asset`,`reason`,`reference`);--> statement-breakpoint
ALTER TABLE `grants` ADD `replaced_by` text;--> statement-breakpoint
ALTER TABLE `grants` ADD `restore_until_at` integer;--> statement-breakpoint
ALTER TABLE `grants` ADD `paused_at` integer;--> statement-breakpoint
ALTER TABLE `holdings` ADD `scheduled_product_id` text;--> statement-breakpoint
ALTER TABLE `holdings` ADD `scheduled_period` text;--> statement-breakpoint
ALTER TABLE `orders` ADD `credited_amount` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `orders_created` ON `orders` (`created_at`);--> statement-breakpoint
ALTER TABLE `payment_attempts` ADD `ask_at` integer;--> statement-breakpoint
CREATE INDEX `payment_attempts_ask` ON `payment_attempts` (`ask_at`) WHERE "payment_attempts"."ask_at" is not null;--> statement-breakpoint
CREATE INDEX `payments_state` ON `payments` (`state`,`id`);