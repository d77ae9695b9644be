CREATE TABLE `captcha_spends` (
	`nonce` text PRIMARY KEY NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `captcha_spends_expiry` ON `captcha_spends` (`expires_at`);--> statement-breakpoint
CREATE TABLE `email_codes` (
	`id` text PRIMARY KEY NOT NULL,
	`email_key` text NOT NULL,
	`purpose` text NOT NULL,
	`user_id` text,
	`hash` text NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	`created_at` integer NOT NULL,
	CONSTRAINT "email_codes_purpose" CHECK("email_codes"."purpose" in ('register', 'reset_password', 'change_email'))
);
--> statement-breakpoint
CREATE INDEX `email_codes_email` ON `email_codes` (`email_key`,`purpose`);--> statement-breakpoint
CREATE INDEX `email_codes_expiry` ON `email_codes` (`expires_at`);--> statement-breakpoint
CREATE TABLE `refresh_tokens` (
	`hash` text PRIMARY KEY NOT NULL,
	`session_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`spent_at` integer,
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `refresh_tokens_session` ON `refresh_tokens` (`session_id`);--> statement-breakpoint
CREATE TABLE `rsa_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`public_pem` text NOT NULL,
	`wrapped_private` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`accepted_until_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`device` text,
	`address` text,
	`created_at` integer NOT NULL,
	`last_used_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`ended_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user_id`);--> statement-breakpoint
CREATE TABLE `spent_ciphertexts` (
	`digest` text PRIMARY KEY NOT NULL,
	`rsa_key_id` text NOT NULL,
	`spent_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `spent_ciphertexts_key` ON `spent_ciphertexts` (`rsa_key_id`);--> statement-breakpoint
CREATE TABLE `throttles` (
	`bucket` text PRIMARY KEY NOT NULL,
	`count` integer NOT NULL,
	`expires_at` integer NOT NULL,
	CONSTRAINT "throttles_count" CHECK("throttles"."count" >= 0)
);
--> statement-breakpoint
CREATE INDEX `throttles_expiry` ON `throttles` (`expires_at`);--> statement-breakpoint
CREATE TABLE `user_access` (
	`user_id` text PRIMARY KEY NOT NULL,
	`systems` text NOT NULL,
	`permissions` text NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `users` (
	`serial` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`user_type` text NOT NULL,
	`role` text DEFAULT 'user' NOT NULL,
	`status` text DEFAULT 'active' NOT NULL,
	`email` text,
	`email_key` text,
	`email_verified_at` integer,
	`phone` text,
	`nickname` text,
	`avatar` text,
	`password_hash` text,
	`realname_verified_at` integer,
	`referral_code` text NOT NULL,
	`inviter_id` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	CONSTRAINT "users_user_type" CHECK("users"."user_type" in ('personal', 'enterprise')),
	CONSTRAINT "users_role" CHECK("users"."role" in ('user', 'admin')),
	CONSTRAINT "users_status" CHECK("users"."status" in ('active', 'frozen', 'deleted')),
	CONSTRAINT "users_not_own_inviter" CHECK("users"."inviter_id" is null or "users"."inviter_id" <> "users"."id")
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_id_unique` ON `users` (`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `users_email_key_unique` ON `users` (`email_key`);--> statement-breakpoint
CREATE UNIQUE INDEX `users_phone_unique` ON `users` (`phone`);--> statement-breakpoint
CREATE UNIQUE INDEX `users_referral_code_unique` ON `users` (`referral_code`);--> statement-breakpoint
CREATE INDEX `users_inviter` ON `users` (`inviter_id`);--> statement-breakpoint
CREATE TABLE `equities` (
	`id` integer PRIMARY KEY NOT NULL,
	`key` text NOT NULL,
	`description` text NOT NULL,
	`use_icon` text,
	`unused_icon` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `equities_key_unique` ON `equities` (`key`);--> statement-breakpoint
CREATE TABLE `offers` (
	`product_id` text NOT NULL,
	`period` text NOT NULL,
	`days` integer,
	`amount` integer NOT NULL,
	`position` integer DEFAULT 0 NOT NULL,
	`detail` text,
	PRIMARY KEY(`product_id`, `period`),
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "offers_amount" CHECK("offers"."amount" >= 0),
	CONSTRAINT "offers_days" CHECK("offers"."days" is null or "offers"."days" >= 1)
);
--> statement-breakpoint
CREATE TABLE `package_types` (
	`serial` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text NOT NULL,
	`name` text NOT NULL,
	`active` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "package_types_active" CHECK("package_types"."active" in (0, 1))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `package_types_code_unique` ON `package_types` (`code`);--> statement-breakpoint
CREATE TABLE `packages` (
	`product_id` text PRIMARY KEY NOT NULL,
	`type_serial` integer,
	`validity_days` integer,
	`description` text,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`type_serial`) REFERENCES `package_types`(`serial`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `products` (
	`id` text PRIMARY KEY NOT NULL,
	`program` text NOT NULL,
	`serial` integer NOT NULL,
	`code` text NOT NULL,
	`name` text NOT NULL,
	`status` text DEFAULT 'active' NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer,
	CONSTRAINT "products_program" CHECK("products"."program" in ('token', 'package', 'tier', 'vip')),
	CONSTRAINT "products_status" CHECK("products"."status" in ('active', 'disabled', 'deleted'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `products_program_serial` ON `products` (`program`,`serial`);--> statement-breakpoint
CREATE UNIQUE INDEX `products_program_code` ON `products` (`program`,`code`);--> statement-breakpoint
CREATE TABLE `sequences` (
	`name` text PRIMARY KEY NOT NULL,
	`value` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tiers` (
	`product_id` text PRIMARY KEY NOT NULL,
	`rank` integer NOT NULL,
	`icon` text,
	`cover` text,
	`eoc_limit` integer,
	`cost_price` integer,
	`invitee_count` integer,
	`invitee_level` text,
	`gift` text,
	`equities` text NOT NULL,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "tiers_rank" CHECK("tiers"."rank" between 1 and 6),
	CONSTRAINT "tiers_indirect" CHECK(("tiers"."invitee_count" is null) = ("tiers"."invitee_level" is null))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tiers_rank_unique` ON `tiers` (`rank`);--> statement-breakpoint
CREATE TABLE `token_plans` (
	`product_id` text PRIMARY KEY NOT NULL,
	`audience` text NOT NULL,
	`currency` text NOT NULL,
	`benefits` text NOT NULL,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "token_plans_audience" CHECK("token_plans"."audience" in ('personal', 'enterprise'))
);
--> statement-breakpoint
CREATE TABLE `vip_levels` (
	`product_id` text PRIMARY KEY NOT NULL,
	`images_url` text DEFAULT '' NOT NULL,
	`rules_min` integer NOT NULL,
	`rules_max` integer NOT NULL,
	`order_price` integer NOT NULL,
	`full_reduction_price` integer NOT NULL,
	`discount_rate` text NOT NULL,
	`on_sale` integer NOT NULL,
	`renew_forbidden` integer NOT NULL,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "vip_levels_rules" CHECK("vip_levels"."rules_min" >= 0 and "vip_levels"."rules_max" >= 0),
	CONSTRAINT "vip_levels_amounts" CHECK("vip_levels"."order_price" >= 0 and "vip_levels"."full_reduction_price" >= 0),
	CONSTRAINT "vip_levels_flags" CHECK("vip_levels"."on_sale" in (0, 1) and "vip_levels"."renew_forbidden" in (0, 1))
);
--> statement-breakpoint
CREATE TABLE `grants` (
	`id` text PRIMARY KEY NOT NULL,
	`owner` text NOT NULL,
	`program` text NOT NULL,
	`product_id` text NOT NULL,
	`source` text NOT NULL,
	`order_id` text,
	`part` integer DEFAULT 0 NOT NULL,
	`period` text,
	`from_at` integer NOT NULL,
	`until_at` integer,
	`anchor_at` integer NOT NULL,
	`anchor_months` integer DEFAULT 0 NOT NULL,
	`paid` integer DEFAULT 0 NOT NULL,
	`voided_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "grants_program" CHECK("grants"."program" in ('token', 'package', 'tier', 'vip')),
	CONSTRAINT "grants_source" CHECK("grants"."source" in ('order', 'promotion', 'manual', 'free')),
	CONSTRAINT "grants_span" CHECK("grants"."until_at" is null or "grants"."until_at" >= "grants"."from_at"),
	CONSTRAINT "grants_paid" CHECK("grants"."paid" >= 0)
);
--> statement-breakpoint
CREATE INDEX `grants_owner` ON `grants` (`owner`,`program`);--> statement-breakpoint
CREATE INDEX `grants_product` ON `grants` (`product_id`,`until_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `grants_order` ON `grants` (`order_id`,`part`) WHERE "grants"."order_id" is not null;--> statement-breakpoint
CREATE TABLE `holding_events` (
	`id` text PRIMARY KEY NOT NULL,
	`owner` text NOT NULL,
	`program` text NOT NULL,
	`action` text NOT NULL,
	`reference` text NOT NULL,
	`product_id` text NOT NULL,
	`product_name` text NOT NULL,
	`period` text,
	`amount` integer DEFAULT 0 NOT NULL,
	`original_amount` integer DEFAULT 0 NOT NULL,
	`started_at` integer NOT NULL,
	`ends_at` integer,
	`order_id` text,
	`reason` text,
	`automatic` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT "holding_events_program" CHECK("holding_events"."program" in ('token', 'package', 'tier', 'vip')),
	CONSTRAINT "holding_events_action" CHECK("holding_events"."action" in ('subscribe', 'renew', 'upgrade', 'downgrade', 'cancel', 'expired', 'pause', 'unpause'))
);
--> statement-breakpoint
CREATE INDEX `holding_events_owner` ON `holding_events` (`owner`,`program`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `holding_events_once` ON `holding_events` (`owner`,`program`,`action`,`reference`);--> statement-breakpoint
CREATE TABLE `holdings` (
	`owner` text NOT NULL,
	`program` text NOT NULL,
	`version` integer DEFAULT 0 NOT NULL,
	`auto_renew` integer DEFAULT false NOT NULL,
	`cancelled_at` integer,
	`sweep_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`owner`, `program`),
	CONSTRAINT "holdings_program" CHECK("holdings"."program" in ('token', 'package', 'tier', 'vip')),
	CONSTRAINT "holdings_auto_renew" CHECK("holdings"."auto_renew" in (0, 1))
);
--> statement-breakpoint
CREATE INDEX `holdings_sweep` ON `holdings` (`sweep_at`) WHERE "holdings"."sweep_at" is not null;--> statement-breakpoint
CREATE TABLE `orders` (
	`serial` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`user_id` text NOT NULL,
	`owner` text NOT NULL,
	`program` text NOT NULL,
	`kind` text NOT NULL,
	`status` text DEFAULT 'pending' NOT NULL,
	`product_id` text,
	`period` text,
	`currency` text NOT NULL,
	`original_amount` integer NOT NULL,
	`discount_amount` integer DEFAULT 0 NOT NULL,
	`credit_amount` integer DEFAULT 0 NOT NULL,
	`token_amount` integer DEFAULT 0 NOT NULL,
	`final_amount` integer NOT NULL,
	`paid_amount` integer DEFAULT 0 NOT NULL,
	`refunded_amount` integer DEFAULT 0 NOT NULL,
	`voucher_id` text,
	`auto_renew` integer DEFAULT false NOT NULL,
	`automatic` integer DEFAULT false NOT NULL,
	`holding_version` integer DEFAULT 0 NOT NULL,
	`provider` text,
	`snapshot` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`paid_at` integer,
	`closed_at` integer,
	`closed_reason` text,
	`hidden_at` integer,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "orders_program" CHECK("orders"."program" in ('token', 'package', 'tier', 'vip', 'wallet')),
	CONSTRAINT "orders_kind" CHECK("orders"."kind" in ('subscribe', 'renew', 'upgrade', 'downgrade', 'purchase', 'topup', 'promotion',
        'manual')),
	CONSTRAINT "orders_status" CHECK("orders"."status" in ('pending', 'paid', 'closed', 'refunded')),
	CONSTRAINT "orders_closed_reason" CHECK("orders"."closed_reason" in ('expired', 'cancelled', 'replaced', 'changed', 'admin')),
	CONSTRAINT "orders_paid_at" CHECK(("orders"."status" in ('paid', 'refunded')) = ("orders"."paid_at" is not null)),
	CONSTRAINT "orders_amounts" CHECK("orders"."original_amount" >= 0 and "orders"."discount_amount" >= 0 and "orders"."credit_amount" >= 0
        and "orders"."token_amount" >= 0
        and "orders"."final_amount" = "orders"."original_amount" - "orders"."discount_amount" - "orders"."credit_amount" - "orders"."token_amount"
        and "orders"."final_amount" >= 0 and "orders"."paid_amount" between 0 and "orders"."final_amount"
        and "orders"."refunded_amount" between 0 and "orders"."paid_amount"),
	CONSTRAINT "orders_flags" CHECK("orders"."auto_renew" in (0, 1) and "orders"."automatic" in (0, 1))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `orders_id_unique` ON `orders` (`id`);--> statement-breakpoint
CREATE INDEX `orders_owner` ON `orders` (`owner`,`serial`);--> statement-breakpoint
CREATE INDEX `orders_user` ON `orders` (`user_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `orders_paid` ON `orders` (`paid_at`) WHERE "orders"."paid_at" is not null;--> statement-breakpoint
CREATE INDEX `orders_open` ON `orders` (`expires_at`) WHERE "orders"."status" = 'pending';--> statement-breakpoint
CREATE UNIQUE INDEX `orders_one_open` ON `orders` (`owner`,`program`) WHERE "orders"."status" = 'pending' and "orders"."program" in ('token', 'package', 'tier');--> statement-breakpoint
CREATE TABLE `payment_attempts` (
	`id` text PRIMARY KEY NOT NULL,
	`order_id` text NOT NULL,
	`provider` text NOT NULL,
	`method` text,
	`state` text DEFAULT 'started' NOT NULL,
	`parameters` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "payment_attempts_state" CHECK("payment_attempts"."state" in ('started', 'paid', 'failed', 'cancelled'))
);
--> statement-breakpoint
CREATE INDEX `payment_attempts_order` ON `payment_attempts` (`order_id`);--> statement-breakpoint
CREATE TABLE `payments` (
	`id` text PRIMARY KEY NOT NULL,
	`provider` text NOT NULL,
	`transaction_id` text NOT NULL,
	`order_id` text NOT NULL,
	`amount` integer NOT NULL,
	`currency` text NOT NULL,
	`state` text NOT NULL,
	`refunded_amount` integer DEFAULT 0 NOT NULL,
	`reason` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	CONSTRAINT "payments_state" CHECK("payments"."state" in ('applied', 'mismatched', 'surplus', 'refund_pending', 'refunded', 'disputed')),
	CONSTRAINT "payments_amounts" CHECK("payments"."amount" >= 0 and "payments"."refunded_amount" between 0 and "payments"."amount")
);
--> statement-breakpoint
CREATE INDEX `payments_order` ON `payments` (`order_id`);--> statement-breakpoint
CREATE INDEX `payments_aside` ON `payments` (`state`) WHERE "payments"."state" in ('mismatched', 'surplus', 'refund_pending', 'disputed');--> statement-breakpoint
CREATE UNIQUE INDEX `payments_provider_transaction` ON `payments` (`provider`,`transaction_id`);--> statement-breakpoint
CREATE TABLE `enterprises` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`name` text NOT NULL,
	`verify_status` text DEFAULT 'unverified' NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "enterprises_verify_status" CHECK("enterprises"."verify_status" in ('unverified', 'pending', 'verified', 'rejected'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `enterprises_owner_id_unique` ON `enterprises` (`owner_id`);--> statement-breakpoint
CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`enterprise_id` text,
	`name` text NOT NULL,
	`key_type` text NOT NULL,
	`prefix` text NOT NULL,
	`hash` text NOT NULL,
	`grace_hash` text,
	`grace_until_at` integer,
	`version` integer DEFAULT 1 NOT NULL,
	`status` text DEFAULT 'active' NOT NULL,
	`allowed_models` text NOT NULL,
	`allowed_ips` text NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	`created_at` integer NOT NULL,
	`changed_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "api_keys_key_type" CHECK("api_keys"."key_type" in ('production', 'test')),
	CONSTRAINT "api_keys_status" CHECK("api_keys"."status" in ('active', 'disabled', 'deleted'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_hash_unique` ON `api_keys` (`hash`);--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_grace_hash_unique` ON `api_keys` (`grace_hash`);--> statement-breakpoint
CREATE INDEX `api_keys_user` ON `api_keys` (`user_id`,`changed_at`);--> statement-breakpoint
CREATE TABLE `audit_logs` (
	`id` text PRIMARY KEY NOT NULL,
	`actor_kind` text NOT NULL,
	`actor_id` text,
	`action` text NOT NULL,
	`target` text NOT NULL,
	`detail` text NOT NULL,
	`request_id` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_logs_actor` ON `audit_logs` (`actor_id`,`id`);--> statement-breakpoint
CREATE INDEX `audit_logs_target` ON `audit_logs` (`target`,`id`);--> statement-breakpoint
CREATE INDEX `audit_logs_action` ON `audit_logs` (`action`,`id`);--> statement-breakpoint
CREATE TABLE `idempotency_records` (
	`scope` text PRIMARY KEY NOT NULL,
	`request_digest` text NOT NULL,
	`claim` text NOT NULL,
	`state` text NOT NULL,
	`status` integer,
	`answer` text,
	`claimed_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	CONSTRAINT "idempotency_records_state" CHECK("idempotency_records"."state" in ('running', 'committed', 'answered'))
);
--> statement-breakpoint
CREATE INDEX `idempotency_records_expiry` ON `idempotency_records` (`expires_at`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` text PRIMARY KEY NOT NULL,
	`recipient` text NOT NULL,
	`user_id` text,
	`template` text NOT NULL,
	`locale` text NOT NULL,
	`sealed_parameters` text,
	`attempts` integer DEFAULT 0 NOT NULL,
	`due_at` integer,
	`stale_at` integer,
	`sent_at` integer,
	`failed_at` integer,
	`created_at` integer NOT NULL,
	CONSTRAINT "outbox_locale" CHECK("outbox"."locale" in ('zh', 'en'))
);
--> statement-breakpoint
CREATE INDEX `outbox_due` ON `outbox` (`due_at`) WHERE "outbox"."due_at" is not null;--> statement-breakpoint
CREATE TABLE `pushes` (
	`owner` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`pending_at` integer
);
--> statement-breakpoint
CREATE INDEX `pushes_pending` ON `pushes` (`pending_at`) WHERE "pushes"."pending_at" is not null;--> statement-breakpoint
CREATE TABLE `settings` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL,
	`updated_at` integer NOT NULL
);
