import { z } from "zod";

/** What a person or a program may do; who may do what with it stands in `metaagent/authorize`. */
export const Role = z.enum(["requester", "approver", "operator", "admin"]);
export type Role = z.infer<typeof Role>;

/** Whom a role is given to: `surface:user`, where `*` stands for anything, such as `terminal:*` or `web:olga`. */
export const RolePattern = z
  .string()
  .max(300)
  .regex(/^[^:\s]+:\S+$/, "surface:user, where * stands for anything, such as terminal:* or web:olga");
export type RolePattern = z.infer<typeof RolePattern>;
