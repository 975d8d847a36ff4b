import type { Attachment } from "@mirage/protocol";

/** A file that somebody wants to hang on a message. */
export interface WantedAttachment {
  fileId: string;
  alt?: string | undefined;
}

/** Says what the files are that are to hang on a message: messages ask, files answer. */
export interface AttachmentSource {
  /**
   * Describes files of one person, in the order asked for. Whether each is still unused is for the commit to judge.
   * @throws Refusal `not_found` where one is somebody else's, gone, or was never there; `bad_request` for one named twice.
   */
  describe(userId: string, wanted: readonly WantedAttachment[]): Promise<Attachment[]>;
}
