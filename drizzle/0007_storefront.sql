CREATE TABLE `storefront_tokens` (
	`hash` text PRIMARY KEY NOT NULL,
	`session_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `storefront_tokens_expiry` ON `storefront_tokens` (`expires_at`);--> statement-breakpoint
CREATE TABLE `vip_activities` (
	`reference` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`points` integer NOT NULL,
	`spending` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `vip_members` (
	`user_id` text PRIMARY KEY NOT NULL,
	`level_by_hand` text,
	`points` integer DEFAULT 0 NOT NULL,
	`spending` integer DEFAULT 0 NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "vip_members_totals" CHECK("vip_members"."points" >= 0 and "vip_members"."spending" >= 0)
);
--> statement-breakpoint
CREATE TABLE `vip_profit_checks` (
	`order_id` text PRIMARY KEY NOT NULL,
	`due_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `vip_profit_checks_due` ON `vip_profit_checks` (`due_at`);--> statement-breakpoint
CREATE TABLE `vip_profits` (
	`serial` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`owner` text NOT NULL,
	`buyer_id` text NOT NULL,
	`order_id` text NOT NULL,
	`total` integer NOT NULL,
	`amount` integer NOT NULL,
	`currency` text NOT NULL,
	`generation` integer NOT NULL,
	`status` text DEFAULT 'pending' NOT NULL,
	`due_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "vip_profits_generation" CHECK("vip_profits"."generation" between 1 and 3),
	CONSTRAINT "vip_profits_status" CHECK("vip_profits"."status" in ('pending', 'settled', 'void')),
	CONSTRAINT "vip_profits_amounts" CHECK("vip_profits"."amount" > 0 and "vip_profits"."amount" <= "vip_profits"."total")
);
--> statement-breakpoint
CREATE UNIQUE INDEX `vip_profits_id_unique` ON `vip_profits` (`id`);--> statement-breakpoint
CREATE INDEX `vip_profits_owner` ON `vip_profits` (`owner`,`serial`);--> statement-breakpoint
CREATE INDEX `vip_profits_due` ON `vip_profits` (`due_at`) WHERE "vip_profits"."status" = 'pending';--> statement-breakpoint
CREATE UNIQUE INDEX `vip_profits_once` ON `vip_profits` (`order_id`,`generation`);