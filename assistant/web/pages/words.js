// What the pages say to the people who work with them, in Chinese and English: `?ui=zh|en`, else the browser's language.

import { query } from "./room.js";

const all = {
  en: {
    connecting: "connecting …",
    live: "connected",
    waiting: "not connected, trying again",
    refused: "the room refuses this page",
    title: "Chat",
    viewers: "viewers",
    perMinute: "comments/min",
    newest: "newest comments ↓",
    empty: "No comments yet.",
    hidden: "hidden",
    pinned: "pinned",
    erased: "erased",
    reply: "reply",
    flags: {
      untranslated: "not translated",
      truncated: "shortened",
      repetition_cut: "repetition cut",
      wrong_script: "wrong script",
      term_lost: "term lost",
      copied: "copied",
      offensive: "offensive",
      pii_masked: "private data masked",
      low_confidence: "language unsure",
      romanised: "romanised",
    },
  },
  zh: {
    connecting: "正在连接…",
    live: "已连接",
    waiting: "连接已断开，正在重试",
    refused: "直播间拒绝了此页面",
    title: "评论",
    viewers: "在线观众",
    perMinute: "评论/分钟",
    newest: "最新评论 ↓",
    empty: "暂无评论。",
    hidden: "已隐藏",
    pinned: "已置顶",
    erased: "已删除",
    reply: "回复",
    flags: {
      untranslated: "未翻译",
      truncated: "已截断",
      repetition_cut: "已去重复",
      wrong_script: "文字异常",
      term_lost: "术语丢失",
      copied: "原文照搬",
      offensive: "不当言论",
      pii_masked: "隐私已遮盖",
      low_confidence: "语种不确定",
      romanised: "拉丁转写",
    },
  },
};

const wanted = (query.get("ui") ?? navigator.language).toLowerCase();

/** "zh-Hans" or "en". */
export const ui = wanted.startsWith("zh") ? "zh-Hans" : "en";
export const words = all[ui === "en" ? "en" : "zh"];
