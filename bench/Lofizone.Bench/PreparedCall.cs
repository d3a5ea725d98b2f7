namespace Lofizone.Bench;

/// <summary>An encoded COMPOUND that is sent again and again.</summary>
/// <param name="Slot">Its slot, also its transaction ID.</param>
/// <param name="Bytes">Record mark and call.</param>
/// <param name="SequenceAt">Where SEQUENCE's sequence ID stands.</param>
/// <param name="BodyAt">Where the operations behind SEQUENCE begin.</param>
internal sealed record PreparedCall(int Slot, byte[] Bytes, int SequenceAt, int BodyAt);
