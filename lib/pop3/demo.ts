import type { Pop3Fixture } from './fixture.ts';

const PLAIN = `Date: Tue, 02 Jan 2024 03:04:05 +0000
From: Ada Lovelace <ada@example.org>
To: user@example.org
Subject: Notes on the engine
Message-ID: <1@example.org>

The engine has no pretensions whatever to originate anything.
It can do whatever we know how to order it to perform.
`;

const WORDS = `Date: Wed, 03 Jan 2024 08:00:00 +0100
From: =?UTF-8?Q?J=C3=BCrgen_M=C3=BCller?= <juergen@example.org>
To: user@example.org
Subject: =?UTF-8?B?R3LDvMOfZSBhdXMgS8O2bG4=?=
Message-ID: <2@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit

Schöne Grüße, und bis bald!
`;

const DOTS = `Date: Thu, 04 Jan 2024 12:30:00 +0000
From: Marshall Rose <mrose@example.org>
To: user@example.org
Subject: Lines that begin with a dot
Message-ID: <3@example.org>

.This line begins with a dot,
..this one with two,
.
and the one before is a dot alone: on the wire it is doubled.
`;

/** A small maildrop: what `netkit demo` and `netkit pop3 serve` without a folder have. */
export const fixture: Pop3Fixture = { messages: [PLAIN, WORDS, DOTS] };
