CREATE TABLE `verifications` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`subject` text NOT NULL,
	`user_id` text NOT NULL,
	`state` text DEFAULT 'pending' NOT NULL,
	`name` text,
	`masked_name` text,
	`masked_number` text,
	`sealed` text,
	`number_hash` text,
	`reason` text,
	`created_at` integer NOT NULL,
	`decided_at` integer,
	`decided_by` text,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "verifications_kind" CHECK("verifications"."kind" in ('realname', 'enterprise')),
	CONSTRAINT "verifications_state" CHECK("verifications"."state" in ('pending', 'verified', 'rejected', 'revoked', 'superseded'))
);
--> statement-breakpoint
CREATE INDEX `verifications_state` ON `verifications` (`state`,`kind`,`id`);--> statement-breakpoint
CREATE INDEX `verifications_user` ON `verifications` (`user_id`);--> statement-breakpoint
CREATE INDEX `verifications_subject` ON `verifications` (`subject`,`kind`);--> statement-breakpoint
CREATE UNIQUE INDEX `verifications_one_pending` ON `verifications` (`subject`,`kind`) WHERE "verifications"."state" = 'pending';--> statement-breakpoint
CREATE UNIQUE INDEX `verifications_one_number` ON `verifications` (`kind`,`number_hash`) WHERE "verifications"."state" = 'verified';--> statement-breakpoint
CREATE TABLE `enterprise_invitations` (
	`id` text PRIMARY KEY NOT NULL,
	`enterprise_id` text NOT NULL,
	`email` text NOT NULL,
	`email_key` text NOT NULL,
	`role` text NOT NULL,
	`token_hash` text NOT NULL,
	`invited_by` text NOT NULL,
	`state` text DEFAULT 'open' NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`ended_at` integer,
	FOREIGN KEY (`enterprise_id`) REFERENCES `enterprises`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "enterprise_invitations_role" CHECK("enterprise_invitations"."role" in ('admin', 'member')),
	CONSTRAINT "enterprise_invitations_state" CHECK("enterprise_invitations"."state" in ('open', 'accepted', 'revoked', 'replaced'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `enterprise_invitations_token_hash_unique` ON `enterprise_invitations` (`token_hash`);--> statement-breakpoint
CREATE INDEX `enterprise_invitations_email` ON `enterprise_invitations` (`email_key`);--> statement-breakpoint
CREATE UNIQUE INDEX `enterprise_invitations_one_open` ON `enterprise_invitations` (`enterprise_id`,`email_key`) WHERE "enterprise_invitations"."state" = 'open';--> statement-breakpoint
CREATE TABLE `enterprise_members` (
	`id` text PRIMARY KEY NOT NULL,
	`enterprise_id` text NOT NULL,
	`user_id` text NOT NULL,
	`role` text NOT NULL,
	`tokens_per_day` integer,
	`requests_per_day` integer,
	`joined_at` integer NOT NULL,
	`left_at` integer,
	FOREIGN KEY (`enterprise_id`) REFERENCES `enterprises`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "enterprise_members_role" CHECK("enterprise_members"."role" in ('admin', 'member')),
	CONSTRAINT "enterprise_members_caps" CHECK(coalesce("enterprise_members"."tokens_per_day", 0) >= 0 and coalesce("enterprise_members"."requests_per_day", 0) >= 0)
);
--> statement-breakpoint
CREATE INDEX `enterprise_members_enterprise` ON `enterprise_members` (`enterprise_id`,`left_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `enterprise_members_one` ON `enterprise_members` (`user_id`) WHERE "enterprise_members"."left_at" is null;--> statement-breakpoint
ALTER TABLE `enterprises` ADD `masked_credit_code` text;--> statement-breakpoint
ALTER TABLE `enterprises` ADD `contact_name` text;--> statement-breakpoint
ALTER TABLE `enterprises` ADD `contact_phone` text;--> statement-breakpoint
-- Owners of enterprises that are there already become their first members; their keys draw on the enterprise
-- from now on, so cached records of them end and their objects are told.
INSERT INTO `enterprise_members` (`id`, `enterprise_id`, `user_id`, `role`, `joined_at`)
SELECT 'em_' || substr(e.id, 5), e.id, e.owner_id, 'admin', e.created_at
FROM enterprises e JOIN users u ON u.id = e.owner_id WHERE u.status <> 'deleted';--> statement-breakpoint
UPDATE `api_keys` SET `version` = `version` + 1, `changed_at` = CAST(strftime('%s', 'now') AS integer) * 1000
WHERE `user_id` IN (SELECT `user_id` FROM `enterprise_members`);--> statement-breakpoint
INSERT INTO `pushes` (`owner`, `version`, `pending_at`)
SELECT `user_id`, 1, CAST(strftime('%s', 'now') AS integer) * 1000 FROM `enterprise_members` WHERE true
ON CONFLICT (`owner`) DO UPDATE SET `version` = `version` + 1, `pending_at` = coalesce(`pending_at`, excluded.`pending_at`);
